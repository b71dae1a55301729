/* White space of a page collapsed: the twin of ``collapse_slowly`` of ``views/html_prefilter.py``. */
#include "markup.h"
#include "octets.h"

/* White space of HTML, and the octet that stands for a tag while a page is read. */
static inline int is_blank(uint8_t octet)
{
    return octet == ' ' || octet == '\n' || octet == '\r' || octet == '\t' || octet == '\f' || octet == 1;
}

/* collapse_blanks(data: bytes) -> bytes: with one blank for each run of white space. */
PyObject *collapse_blanks(PyObject *module, PyObject *data)
{
    Octets page;
    (void)module;
    if (!taken(data, &page))
        return NULL;
    PyObject *const result = PyBytes_FromStringAndSize(NULL, page.end - page.begin);
    if (result == NULL)
        return NULL;
    uint8_t *const begin = (uint8_t *)PyBytes_AsString(result), *to = begin;
    uint32_t after_blank = 0; /* 1 if what was written last is one */
    const uint8_t *at = page.begin;
    while (at < page.end) {
        while (page.end - at >= STEP) { /* there is as much room: no more is written than read */
            const uint32_t blanks = equal16(at, ' ');
            const uint32_t odd = between16(at, 0, ' ' - 1) | (blanks & (blanks << 1 | after_blank));
            const unsigned size = odd ? lowest(odd) : STEP;
            memcpy(to, at, STEP);
            at += size;
            to += size;
            after_blank = (blanks << 1 | after_blank) >> size & 1;
            if (odd)
                break;
        }
        if (at == page.end)
            break;
        if (!is_blank(*at)) {
            *to++ = *at++;
            after_blank = 0;
            continue;
        }
        if (!after_blank)
            *to++ = ' ';
        after_blank = 1;
        while (at < page.end && is_blank(*at))
            at++;
    }
    return filled(result, to - begin);
}
