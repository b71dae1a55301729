/* The functions of the module. Each is pure: octets in, an answer out; reads no octet outside of what it was given;
 * takes linear time; raises TypeError for what is no bytes, MemoryError, and nothing else.
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

/* lines.c */
PyObject *has_plain_lines(PyObject *module, PyObject *message);

#endif
