/* What opens a tag, and its name: for what parts a page and looks at its markup. */
#ifndef PANSENTRY_MARKUP_H
#define PANSENTRY_MARKUP_H

#include "functions.h"
#include <string.h>

#define NAME_SIZE 16

/* The first ``size`` octets of ``room``, which is taken over: the stable interface lets nothing shrink. NULL without
 * memory. */
static inline PyObject *filled(PyObject *room, Py_ssize_t size)
{
    if (size == PyBytes_Size(room))
        return room;
    PyObject *const part = PyBytes_FromStringAndSize(PyBytes_AsString(room), size);
    Py_DECREF(room);
    return part;
}

static inline int is_letter(uint8_t octet)
{
    return (uint8_t)((octet | 0x20) - 'a') < 26;
}

static inline int is_name(uint8_t octet)
{
    return is_letter(octet) || (uint8_t)(octet - '0') < 10;
}

static inline int is_space(uint8_t octet)
{
    return octet == ' ' || (octet >= '\t' && octet <= '\r');
}

static inline uint8_t lower(uint8_t octet)
{
    return octet >= 'A' && octet <= 'Z' ? octet | 0x20 : octet;
}

static inline const uint8_t *find(const uint8_t *at, const uint8_t *end, uint8_t octet)
{
    return at < end ? memchr(at, octet, (size_t)(end - at)) : NULL;
}

/* The next "<" that may open a tag: with a letter or one of "/!?" behind it. */
static inline const uint8_t *next_tag(const uint8_t *at, const uint8_t *end)
{
    while ((at = find(at, end, '<')) != NULL && end - at > 1) {
        if (is_letter(at[1]) || at[1] == '/' || at[1] == '!' || at[1] == '?')
            return at;
        at++;
    }
    return NULL;
}

/* Whether the name of a tag, from "<" to behind ">", is one of ``names``: in capitals or not, with the "/" of a tag that
 * closes. They are in order, each in NAME_SIZE octets, filled up with zeros. */
static inline int has_name_of(Octets tag, Octets names)
{
    uint8_t name[NAME_SIZE] = {0};
    unsigned size = 0;
    const uint8_t *at = tag.begin + 1;
    if (*at == '/')
        name[size++] = *at++;
    if (!is_letter(*at))
        return 0;
    for (; is_name(*at); at++) { /* ends at ">" at the latest */
        if (size == NAME_SIZE)
            return 0;
        name[size++] = lower(*at);
    }
    if (!is_space(*at) && *at != '/' && *at != '>')
        return 0;
    Py_ssize_t low = 0, high = (names.end - names.begin) / NAME_SIZE;
    while (low < high) {
        const Py_ssize_t middle = low + (high - low) / 2;
        const int order = memcmp(name, names.begin + middle * NAME_SIZE, NAME_SIZE);
        if (order == 0)
            return 1;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return 0;
}

#endif
