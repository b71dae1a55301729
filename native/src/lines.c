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

/* Whether something odd shows at ``at``, and where it begins, else NULL. Odd is an LF without a CR before it, a CR with
 * another octet than LF behind it, and a CRLF before a dot. Nothing before ``first`` is looked at. */
static const uint8_t *odd_place(const uint8_t *first, const uint8_t *at)
{
    const uint8_t before = at == first ? 0 : at[-1];
    if (*at == '\n')
        return before == '\r' ? NULL : at;
    if (before == '\r')
        return at - 1;
    return *at == '.' && before == '\n' && at - first >= 2 ? at - 2 : NULL;
}

/* plain_until(octets: bytes, start: int, end: int) -> int: where in ``octets[start:end]`` the first LF stands that has no
 * CR before it (which may be the octet before ``start``), CR that is followed by another octet than LF, or CRLF that is
 * followed by a dot; the end if there is none. */
PyObject *plain_until(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    Octets whole, octets;
    (void)module;
    if (!taken_range(args, count, &octets) || !taken(args[0], &whole))
        return NULL;
    const uint8_t *first = octets.begin;
    if (first < octets.end && *first == '\n' && first > whole.begin && first[-1] == '\r')
        first++; /* the second half of a CRLF */
    const uint8_t *at = first;
    uint32_t after_cr = 0, after_lf = 0; /* 1 if the octet before ``at`` is one */
    for (; octets.end - at >= STEP; at += STEP) {
        const uint32_t behind_cr = equal16(at, '\r') << 1 | after_cr;
        const uint32_t lf = equal16(at, '\n');
        const uint32_t behind_lf = lf << 1 | after_lf;
        if (((lf ^ behind_cr) | (equal16(at, '.') & behind_lf)) & LOW_HALF)
            break; /* something is odd within these sixteen: what, is told below */
        after_cr = behind_cr >> STEP;
        after_lf = behind_lf >> STEP;
    }
    const uint8_t *found = NULL;
    for (; at < octets.end && found == NULL; at++)
        found = odd_place(first, at);
    return PyLong_FromSsize_t((found == NULL ? octets.end : found) - whole.begin);
}
