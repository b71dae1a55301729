/* What the source of a page joins at the edges of its tags: the twin of ``edges_slowly`` of ``views/html_parts.py``. */
#include "markup.h"

#define REACH 48 /* octets of text on either side; of a tag as long as two of these, so many at its ends */

/* Whether the last attribute of a tag, from "<" to behind ">", ends with something else than a digit. */
static int ends_with_a_word(Octets tag)
{
    if (find(tag.begin, tag.end, '=') == NULL)
        return 0;
    const uint8_t *at = tag.end;
    while (at > tag.begin && (at[-1] == '"' || at[-1] == '\'' || at[-1] == '/' || at[-1] == ' ' || at[-1] == '>'))
        at--;
    return at == tag.begin || (uint8_t)(at[-1] - '0') > 9;
}

static const uint8_t *start_of(const uint8_t *text, const uint8_t *end)
{
    return end - text > REACH ? end - REACH : text;
}

static const uint8_t *end_of(const uint8_t *text, const uint8_t *end)
{
    return end - text > REACH ? text + REACH : end;
}

/* The text at ``before``, the tag, and the text up to ``behind``, each no further than the reach. */
static PyObject *edge(const uint8_t *before, Octets tag, const uint8_t *behind)
{
    const uint8_t *const begin = start_of(before, tag.begin), *const end = end_of(tag.end, behind);
    if (tag.end - tag.begin < 2 * REACH)
        return PyBytes_FromStringAndSize((const char *)begin, end - begin);
    const Py_ssize_t first = tag.begin + REACH - begin, last = end - (tag.end - REACH);
    PyObject *const found = PyBytes_FromStringAndSize(NULL, first + 1 + last);
    if (found == NULL)
        return NULL;
    char *const to = PyBytes_AsString(found);
    memcpy(to, begin, (size_t)first);
    to[first] = '\n';
    memcpy(to + first + 1, tag.end - REACH, (size_t)last);
    return found;
}

static Octets first_tag(const uint8_t *at, const uint8_t *end)
{
    const uint8_t *const tag = next_tag(at, end);
    const uint8_t *const last = tag == NULL ? NULL : find(tag + 2, end, '>');
    return last == NULL ? (Octets){end, end} : (Octets){tag, last + 1};
}

/* edges_of_tags(page: bytes, names: bytes, most: int) -> list[bytes] | None: each tag whose last attribute ends with a word, or
 * that has one of these names, with the text on both sides; None if the tags have more than ``most`` octets. */
PyObject *edges_of_tags(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    Octets page, names;
    (void)module;
    if (count != 3) {
        PyErr_SetString(PyExc_TypeError, "page, names and most are expected");
        return NULL;
    }
    if (!taken(args[0], &page) || !taken(args[1], &names))
        return NULL;
    Py_ssize_t most = PyNumber_AsSsize_t(args[2], NULL);
    if (PyErr_Occurred())
        return NULL;
    PyObject *const found = PyList_New(0);
    if (found == NULL)
        return NULL;
    const uint8_t *before = page.begin;
    for (Octets tag = first_tag(before, page.end), next; tag.begin < tag.end; before = tag.end, tag = next) {
        next = first_tag(tag.end, page.end);
        if (!ends_with_a_word(tag) && !has_name_of(tag, names))
            continue;
        const Py_ssize_t size = tag.end - tag.begin;
        most -= size < 2 * REACH ? size : 2 * REACH + 1;
        if (most < 0) {
            Py_DECREF(found);
            Py_RETURN_NONE;
        }
        PyObject *const one = edge(before, tag, next.begin);
        const int failed = one == NULL || PyList_Append(found, one) < 0;
        Py_XDECREF(one);
        if (failed) {
            Py_DECREF(found);
            return NULL;
        }
    }
    return found;
}
