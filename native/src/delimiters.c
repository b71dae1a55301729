/* Delimiters of a multipart body (RFC 2046 §5.1.1) where all of them are as they should be. */
#include "functions.h"
#include "octets.h"
#include <string.h>

#define LONGEST_NEEDLE 72 /* two dashes and a boundary: of longer ones each look would take its time */

/* Where ``needle``, which begins with a dash, stands first, or NULL. */
static const uint8_t *found(const uint8_t *at, const uint8_t *end, Octets needle)
{
    const size_t size = (size_t)(needle.end - needle.begin);
    if ((size_t)(end - at) < size)
        return NULL;
    const uint8_t *const last = end - size; /* a needle that begins behind it has no room */
    while (end - at >= STEP && at <= last) {
        for (uint32_t dashes = equal16(at, '-'); dashes; dashes &= dashes - 1) {
            const uint8_t *const place = at + lowest(dashes);
            if (place <= last && place[1] == '-' && memcmp(place, needle.begin, size) == 0)
                return place;
        }
        at += STEP;
    }
    for (; at <= last; at++)
        if (memcmp(at, needle.begin, size) == 0)
            return at;
    return NULL;
}

/* Behind the rest of the delimiter line of which ``at`` is behind the needle: CRLF, or two dashes and CRLF, which sets
 * ``closes``. NULL if there is anything else. */
static const uint8_t *line_behind(const uint8_t *at, const uint8_t *end, int *closes)
{
    *closes = end - at >= 4 && at[0] == '-' && at[1] == '-';
    if (*closes)
        at += 2;
    return end - at >= 2 && at[0] == '\r' && at[1] == '\n' ? at + 2 : NULL;
}

static PyObject *span(const uint8_t *whole, const uint8_t *begin, const uint8_t *end)
{
    return Py_BuildValue("(nn)", (Py_ssize_t)(begin - whole), (Py_ssize_t)(end - whole));
}

/* Appends a span, which may be NULL; tells whether that is done. */
static int appended(PyObject *spans, PyObject *one)
{
    const int is_done = one != NULL && PyList_Append(spans, one) == 0;
    Py_XDECREF(one);
    return is_done;
}

/* Looks at each delimiter in turn: the spans of the parts go into the list, preamble and epilogue are set. Returns 1 if
 * all is as it should be, 0 if not, -1 for an error that is set. */
static int taken_apart(const uint8_t *whole, Octets body, Octets needle, Py_ssize_t most, PyObject *spans,
                       Octets *preamble, Octets *epilogue)
{
    const uint8_t *opened = NULL; /* where the part at hand begins */
    for (const uint8_t *at = body.begin;;) {
        const uint8_t *const place = found(at, body.end, needle);
        if (place == NULL || (place > body.begin && place[-1] != '\n'))
            return 0; /* there is no close delimiter, or one stands within a line */
        int closes;
        at = line_behind(place + (needle.end - needle.begin), body.end, &closes);
        if (at == NULL)
            return 0;
        const uint8_t *const floor = opened == NULL ? body.begin : opened;
        const uint8_t *end = place - body.begin >= 2 && place[-2] == '\r' ? place - 2 : place - (place > body.begin);
        if (end < floor)
            end = floor;
        if (opened == NULL) {
            preamble->begin = body.begin;
            preamble->end = end;
        } else if (PyList_Size(spans) >= most)
            return 0;
        else if (!appended(spans, span(whole, opened, end)))
            return -1;
        if (closes) {
            epilogue->begin = at;
            epilogue->end = body.end;
            return found(at, body.end, needle) == NULL;
        }
        opened = at;
    }
}

/* regular_split(data: bytes, start: int, end: int, needle: bytes, most: int): the spans of parts, preamble and epilogue
 * of ``data[start:end]``, as the twin gives them, if each ``needle`` in it is a delimiter line that ends in CRLF, the last
 * and only the last closes, and there are no more than ``most`` parts. None for any other. 0 <= start. */
PyObject *regular_split(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    Octets whole, body, needle;
    (void)module;
    if (!taken_range(args, count == 5 ? 3 : 0, &body) || !taken(args[0], &whole) || !taken(args[3], &needle))
        return NULL;
    const Py_ssize_t most = PyNumber_AsSsize_t(args[4], NULL);
    if (most == -1 && PyErr_Occurred())
        return NULL;
    const Py_ssize_t size = needle.end - needle.begin;
    if (size < 3 || size > LONGEST_NEEDLE || needle.begin[0] != '-' || needle.begin[1] != '-')
        Py_RETURN_NONE;
    PyObject *const spans = PyList_New(0);
    if (spans == NULL)
        return NULL;
    PyObject *answer = NULL;
    Octets preamble = body, epilogue = body;
    const int told = taken_apart(whole.begin, body, needle, most, spans, &preamble, &epilogue);
    if (told > 0)
        answer = Py_BuildValue("(NNN)", PyList_AsTuple(spans), span(whole.begin, preamble.begin, preamble.end),
                               span(whole.begin, epilogue.begin, epilogue.end));
    else if (told == 0)
        answer = Py_NewRef(Py_None);
    Py_DECREF(spans);
    return answer;
}
