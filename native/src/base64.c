/* Base64 in lines of one width (RFC 2045 §6.8), without its line ends. */
#include "functions.h"
#include <string.h>

#define QUANTUM 4

static const uint8_t *first_line_end(const uint8_t *at, const uint8_t *end)
{
    while ((at = memchr(at, '\r', (size_t)(end - at))) != NULL) {
        if (end - at >= 2 && at[1] == '\n')
            return at;
        at++;
    }
    return NULL;
}

/* letters_of_even_lines(data: bytes, start: int, end: int) -> bytes | None: ``data[start:end]`` without its line ends,
 * if CRLF stands behind every ``width`` octets (of which there are quanta of four) and, perhaps, at the end. What the
 * octets between are is not looked at. */
PyObject *letters_of_even_lines(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    Octets body;
    (void)module;
    if (!taken_range(args, count, &body))
        return NULL;
    const uint8_t *const line_end = first_line_end(body.begin, body.end);
    if (line_end == NULL || line_end == body.begin || (line_end - body.begin) % QUANTUM)
        Py_RETURN_NONE;
    const Py_ssize_t width = line_end - body.begin;
    if (body.end[-1] == '\n' && body.end[-2] == '\r') /* there are two: a line end was found */
        body.end -= 2;
    const Py_ssize_t size = body.end - body.begin;
    const Py_ssize_t lines = size / (width + 2), left = size % (width + 2);
    if (left > width) /* a line end is cut off */
        Py_RETURN_NONE;
    PyObject *letters = PyBytes_FromStringAndSize(NULL, size - 2 * lines);
    if (letters == NULL)
        return NULL;
    uint8_t *to = (uint8_t *)PyBytes_AsString(letters);
    const uint8_t *at = body.begin;
    for (Py_ssize_t line = 0; line < lines; line++) {
        memcpy(to, at, (size_t)width);
        if (at[width] != '\r' || at[width + 1] != '\n') {
            Py_DECREF(letters);
            Py_RETURN_NONE;
        }
        to += width;
        at += width + 2;
    }
    memcpy(to, at, (size_t)left);
    return letters;
}
