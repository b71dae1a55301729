/* Line ends of a message (RFC 5321 §2.3.8): CRLF, and neither of the two alone. */
#include "functions.h"
#include <string.h>

/* has_plain_lines(message: bytes) -> bool: whether every CR is followed by LF and every LF stands behind a CR. */
PyObject *has_plain_lines(PyObject *module, PyObject *message)
{
    Octets octets;
    (void)module;
    if (!taken(message, &octets))
        return NULL;
    const uint8_t *at = octets.begin;
    const uint8_t *line = octets.begin; /* behind the last line end */
    while ((at = memchr(line, '\n', (size_t)(octets.end - line))) != NULL) {
        if (at == line || at[-1] != '\r' || memchr(line, '\r', (size_t)(at - 1 - line)) != NULL)
            Py_RETURN_FALSE;
        line = at + 1;
    }
    if (memchr(line, '\r', (size_t)(octets.end - line)) != NULL)
        Py_RETURN_FALSE;
    Py_RETURN_TRUE;
}
