/* The functions of the module. Each is pure: octets in, an answer out; reads no octet outside of what it was given;
 * takes linear time; raises TypeError for what is no bytes, ValueError or OverflowError for what is no place, MemoryError,
 * and nothing else.
 */
#ifndef PANSENTRY_FUNCTIONS_H
#define PANSENTRY_FUNCTIONS_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>

/* A range of octets: begin <= end, end is not to be read. */
typedef struct {
    const uint8_t *begin;
    const uint8_t *end;
} Octets;

/* Whether ``object`` is bytes, which are then put into ``octets``; else TypeError is set. */
static inline int taken(PyObject *object, Octets *octets)
{
    char *begin;
    Py_ssize_t size;
    if (PyBytes_AsStringAndSize(object, &begin, &size) < 0)
        return 0;
    octets->begin = (const uint8_t *)begin;
    octets->end = octets->begin + size;
    return 1;
}

/* The same for arguments ``(data: bytes, start: int, end: int)``, taken as ``data[start:end]`` takes them. */
static inline int taken_range(PyObject *const *args, Py_ssize_t count, Octets *octets)
{
    if (count != 3) {
        PyErr_SetString(PyExc_TypeError, "bytes, start and end are expected");
        return 0;
    }
    if (!taken(args[0], octets))
        return 0;
    Py_ssize_t start = PyNumber_AsSsize_t(args[1], NULL), end = PyNumber_AsSsize_t(args[2], NULL);
    if (PyErr_Occurred())
        return 0;
    const Py_ssize_t size = PySlice_AdjustIndices(octets->end - octets->begin, &start, &end, 1);
    octets->begin += start;
    octets->end = octets->begin + size;
    return 1;
}

/* base64.c */
PyObject *letters_of_even_lines(PyObject *module, PyObject *const *args, Py_ssize_t count);

/* delimiters.c */
PyObject *regular_split(PyObject *module, PyObject *const *args, Py_ssize_t count);

/* headers.c */
PyObject *regular(PyObject *module, PyObject *const *args, Py_ssize_t count);
PyObject *simple_type(PyObject *module, PyObject *const *args, Py_ssize_t count);
PyObject *simple_disposition(PyObject *module, PyObject *const *args, Py_ssize_t count);

/* html_blanks.c */
PyObject *collapse_blanks(PyObject *module, PyObject *data);

/* html_borders.c */
PyObject *borders_of_markup(PyObject *module, PyObject *data);
PyObject *has_digit_edges(PyObject *module, PyObject *data);

/* html_invisible.c */
PyObject *without_invisible(PyObject *module, PyObject *text);

/* lines.c */
PyObject *has_plain_lines(PyObject *module, PyObject *message);
PyObject *plain_until(PyObject *module, PyObject *const *args, Py_ssize_t count);

/* markup.c */
PyObject *part_page(PyObject *module, PyObject *const *args, Py_ssize_t count);

/* markup_edges.c */
PyObject *edges_of_tags(PyObject *module, PyObject *const *args, Py_ssize_t count);

/* quoted_printable.c */
PyObject *decode_strictly(PyObject *module, PyObject *const *args, Py_ssize_t count);

/* signs.c */
PyObject *text_signs(PyObject *module, PyObject *text);

/* digits.c */
PyObject *first_look(PyObject *module, PyObject *const *arguments, Py_ssize_t number);

/* sieve.c */
PyObject *card_numbers(PyObject *module, PyObject *const *arguments, Py_ssize_t number);

/* texts.c */
PyObject *holds_any(PyObject *module, PyObject *const *args, Py_ssize_t count);
PyObject *is_utf8(PyObject *module, PyObject *data);
PyObject *without_markup(PyObject *module, PyObject *const *args, Py_ssize_t count);
PyObject *without_traces(PyObject *module, PyObject *head);
/* Whether these octets are well-formed UTF-8. */
int are_utf8(const uint8_t *at, const uint8_t *end);

/* words.c */
PyObject *plain_words(PyObject *module, PyObject *head);

#endif
