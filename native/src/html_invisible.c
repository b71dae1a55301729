/* What has no width, taken out of a text in UTF-8: the twin of ``without_invisible_slowly`` of ``html_prefilter.py``. */
#include "markup.h"
#include "octets.h"

/* How many octets what has no width has at ``at``, where there is one: a soft hyphen, a joiner, a mark; 0 if it is none. */
static Py_ssize_t invisible(const uint8_t *at, const uint8_t *end)
{
    const Py_ssize_t left = end - at;
    if (left < 2)
        return 0;
    if ((at[0] == 0xc2 && at[1] == 0xad) || (at[0] == 0xcd && at[1] == 0x8f) || (at[0] == 0xd8 && at[1] == 0x9c))
        return 2;
    if (left < 3)
        return 0;
    if (at[0] == 0xe2 && at[1] == 0x80)
        return at[2] >= 0x8b && at[2] <= 0x8f ? 3 : 0;
    if (at[0] == 0xe2 && at[1] == 0x81)
        return at[2] >= 0xa0 && at[2] <= 0xa4 ? 3 : 0;
    if (at[0] == 0xef && at[1] == 0xbb && at[2] == 0xbf)
        return 3;
    return at[0] == 0xe1 && at[1] == 0xa0 && at[2] == 0x8e ? 3 : 0;
}

/* Which of sixteen octets what has no width may begin with. */
static uint32_t leads16(const uint8_t *at)
{
    if (!between16(at, 0xc2, 0xef))
        return 0;
    return equal16(at, 0xc2) | equal16(at, 0xcd) | equal16(at, 0xd8) | between16(at, 0xe1, 0xe2) | equal16(at, 0xef);
}

/* Where the next one is; ``end`` if there is none. */
static const uint8_t *next_invisible(const uint8_t *at, const uint8_t *end)
{
    for (; end - at >= STEP; at += STEP)
        for (uint32_t leads = leads16(at); leads; leads &= leads - 1)
            if (invisible(at + lowest(leads), end))
                return at + lowest(leads);
    while (at < end && !invisible(at, end))
        at++;
    return at;
}

/* without_invisible(text: bytes) -> bytes: the text itself if there is nothing in it. */
PyObject *without_invisible(PyObject *module, PyObject *text)
{
    Octets octets;
    (void)module;
    if (!taken(text, &octets))
        return NULL;
    const uint8_t *at = octets.begin, *next = next_invisible(at, octets.end);
    if (next == octets.end)
        return Py_NewRef(text);
    PyObject *const result = PyBytes_FromStringAndSize(NULL, octets.end - octets.begin);
    if (result == NULL)
        return NULL;
    uint8_t *const begin = (uint8_t *)PyBytes_AsString(result), *to = begin;
    for (;;) {
        memcpy(to, at, (size_t)(next - at));
        to += next - at;
        if (next == octets.end)
            break;
        at = next + invisible(next, octets.end);
        next = next_invisible(at, octets.end);
    }
    return filled(result, to - begin);
}
