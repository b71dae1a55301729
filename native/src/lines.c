/* Line ends of a message (RFC 5321 §2.3.8): CRLF, and neither of the two alone. */
#include "functions.h"
#include "octets.h"

/* has_plain_lines(message: bytes) -> bool: whether every CR is followed by LF and every LF stands behind a CR. */
PyObject *has_plain_lines(PyObject *module, PyObject *message)
{
    Octets octets;
    (void)module;
    if (!taken(message, &octets))
        return NULL;
    const uint8_t *at = octets.begin;
    uint32_t after_cr = 0; /* 1 if the octet before ``at`` is a CR */
    for (; octets.end - at >= STEP; at += STEP) {
        const uint32_t expected = equal16(at, '\r') << 1 | after_cr; /* where an LF must stand, and nowhere else */
        if (equal16(at, '\n') != (expected & LOW_HALF))
            Py_RETURN_FALSE;
        after_cr = expected >> STEP;
    }
    for (; at < octets.end; at++) {
        if ((*at == '\n') != after_cr)
            Py_RETURN_FALSE;
        after_cr = *at == '\r';
    }
    return PyBool_FromLong(!after_cr);
}
