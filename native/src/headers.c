/* A header of the regular form (mime/regular.py), and values of Content-Type and Content-Disposition as nearly all are
 * (RFC 2045 §5.1, RFC 2183). What they say is known of the twins, which are expressions: each rule here is one of theirs.
 */
#include "functions.h"
#include "octets.h"
#include <string.h>

#define GROUPS 7 /* the block, five Content-… values, the Subject: as regular.py numbers them */
#define SUBJECT 6
#define LONGEST_WORD 200 /* of a type, a disposition, a name of a parameter */

static const char *const CONTENT[] = {NULL, "Type:", "Transfer-Encoding:", "Disposition:", "ID:", "Language:"};

static inline int is_blank(uint8_t octet)
{
    return octet == ' ' || octet == '\t';
}

static inline uint8_t lower(uint8_t octet)
{
    return octet >= 'A' && octet <= 'Z' ? (uint8_t)(octet + ('a' - 'A')) : octet;
}

static inline int begins_with(const uint8_t *at, const uint8_t *end, const char *word)
{
    const size_t size = strlen(word);
    return (size_t)(end - at) >= size && memcmp(at, word, size) == 0;
}

/* ``word`` is in small letters */
static int begins_with_in_any_case(const uint8_t *at, const uint8_t *end, const char *word)
{
    for (; *word; word++, at++)
        if (at == end || lower(*at) != (uint8_t)*word)
            return 0;
    return 1;
}

static const uint8_t *to_cr(const uint8_t *at, const uint8_t *end)
{
    for (; end - at >= STEP; at += STEP) {
        const uint32_t found = equal16(at, '\r');
        if (found)
            return at + lowest(found);
    }
    while (at < end && *at != '\r')
        at++;
    return at;
}

static inline int is_line_end(const uint8_t *at, const uint8_t *end)
{
    return end - at >= 2 && at[0] == '\r' && at[1] == '\n';
}

/* Behind the blanks at ``at`` and the octet after them, which is neither blank nor CR; NULL if it is not so. */
static const uint8_t *continued(const uint8_t *at, const uint8_t *end)
{
    const uint8_t *const first = at;
    while (at < end && is_blank(*at))
        at++;
    return at > first && at < end && *at != '\r' ? at + 1 : NULL;
}

/* Where the value that begins at ``at`` ends, with the lines on which it goes on. */
static const uint8_t *end_of_value(const uint8_t *at, const uint8_t *end)
{
    for (;;) {
        at = to_cr(at, end);
        const uint8_t *const next = is_line_end(at, end) ? continued(at + 2, end) : NULL;
        if (next == NULL)
            return at;
        at = next;
    }
}

/* The number of the group whose value begins on this line, which is then put into ``at``; 0 for none. */
static int group(const uint8_t **at, const uint8_t *end)
{
    if (begins_with(*at, end, "Subject:")) {
        *at += strlen("Subject:");
        return SUBJECT;
    }
    if (begins_with(*at, end, "Content-"))
        for (int number = 1; number < SUBJECT; number++)
            if (begins_with(*at + strlen("Content-"), end, CONTENT[number])) {
                *at += strlen("Content-") + strlen(CONTENT[number]);
                return number;
            }
    return 0;
}

/* Behind the name at ``at`` and its colon; NULL if it is none. */
static const uint8_t *named(const uint8_t *at, const uint8_t *end)
{
    const uint8_t *const first = at;
    for (; end - at >= STEP; at += STEP) {
        const uint32_t others = (between16(at, '!', '~') & ~equal16(at, ':')) ^ LOW_HALF;
        if (others) {
            at += lowest(others);
            break;
        }
    }
    while (at < end && *at > ' ' && *at < 0x7F && *at != ':') /* none, if one of the others was found */
        at++;
    return at > first && at < end && *at == ':' ? at + 1 : NULL;
}

/* Behind the line at ``at`` but for its line end; of a field of the groups behind all of its lines, its value noted.
 * NULL if it is of another form. */
static const uint8_t *regular_line(const uint8_t *at, const uint8_t *end, Octets *groups)
{
    if (is_blank(*at))
        at = continued(at, end);
    else if (lower(*at) == 'c' || lower(*at) == 's') {
        const int number = group(&at, end);
        if (number) {
            if (groups[number].begin != NULL) /* a second one */
                return NULL;
            groups[number].begin = at;
            groups[number].end = end_of_value(at, end);
            return groups[number].end;
        }
        if (begins_with_in_any_case(at, end, "content-") || begins_with_in_any_case(at, end, "subject:"))
            return NULL;
        at = named(at, end);
    } else
        at = named(at, end);
    return at == NULL ? NULL : to_cr(at, end);
}

/* Puts ``object`` into a new tuple, which takes it in any case; tells whether that is done. */
static int put(PyObject *tuple, Py_ssize_t place, PyObject *object)
{
    return object != NULL && PyTuple_SetItem(tuple, place, object) == 0;
}

static PyObject *span(Py_ssize_t start, Py_ssize_t end)
{
    PyObject *const pair = PyTuple_New(2);
    if (pair == NULL || (put(pair, 0, PyLong_FromSsize_t(start)) && put(pair, 1, PyLong_FromSsize_t(end))))
        return pair;
    Py_DECREF(pair);
    return NULL;
}

/* The spans of all groups; of those that are not there one object says so. */
static PyObject *spans_of(const uint8_t *whole, const Octets *groups)
{
    PyObject *const spans = PyTuple_New(GROUPS);
    PyObject *const nowhere = span(-1, -1);
    int is_done = spans != NULL && nowhere != NULL;
    for (int number = 0; is_done && number < GROUPS; number++) {
        const Octets one = groups[number];
        is_done = put(spans, number, one.begin == NULL ? Py_NewRef(nowhere) : span(one.begin - whole, one.end - whole));
    }
    Py_XDECREF(nowhere);
    if (is_done)
        return spans;
    Py_XDECREF(spans);
    return NULL;
}

/* regular(data: bytes, start: int, end: int) -> tuple[tuple[int, int], ...] | None: the spans that the twin's expression
 * captures. 0 <= start. */
PyObject *regular(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    Octets whole, octets;
    (void)module;
    if (!taken_range(args, count, &octets) || !taken(args[0], &whole))
        return NULL;
    Octets groups[GROUPS] = {{NULL, NULL}};
    const uint8_t *at = octets.begin;
    if (at == octets.end || is_blank(*at) || *at == '\r')
        Py_RETURN_NONE;
    while (!is_line_end(at, octets.end)) {
        if (at == octets.end)
            Py_RETURN_NONE;
        at = regular_line(at, octets.end, groups);
        if (at == NULL || !is_line_end(at, octets.end))
            Py_RETURN_NONE;
        at += 2;
    }
    groups[0].begin = octets.begin;
    groups[0].end = at;
    return spans_of(whole.begin, groups);
}

/* Letters of a token: RFC 2045 §5.1 without controls, blanks and what is special there, and without '"(),/:;<=>?@[\]'. */
static int is_token(uint8_t octet)
{
    if ((octet >= '0' && octet <= '9') || (lower(octet) >= 'a' && lower(octet) <= 'z'))
        return 1;
    return octet > ' ' && octet < 0x7F && strchr("!#$%&'*+.^_`{|}~-", octet) != NULL;
}

static int is_name(uint8_t octet)
{
    return (octet >= '0' && octet <= '9') || (lower(octet) >= 'a' && lower(octet) <= 'z') || octet == '_' || octet == '-';
}

static const uint8_t *past(int (*belongs)(uint8_t), const uint8_t *at, const uint8_t *end)
{
    while (at < end && belongs(*at))
        at++;
    return at;
}

static int is_quoted(uint8_t octet)
{
    return octet != '"' && octet != '\\' && octet != '\r' && octet != '\n' && octet != 0;
}

/* Behind blanks, and line ends before a blank. */
static const uint8_t *past_folds(const uint8_t *at, const uint8_t *end)
{
    for (;;) {
        if (at < end && is_blank(*at)) {
            at++;
            continue;
        }
        const uint8_t *const fold = at < end && *at == '\r' ? at + 1 : at;
        if (end - fold < 2 || fold[0] != '\n' || !is_blank(fold[1]))
            return at;
        at = fold + 2;
    }
}

/* A word in small letters as a str. */
static PyObject *word(Octets octets)
{
    char letters[LONGEST_WORD];
    const Py_ssize_t size = octets.end - octets.begin;
    for (Py_ssize_t i = 0; i < size; i++)
        letters[i] = (char)lower(octets.begin[i]);
    return PyUnicode_DecodeASCII(letters, size, NULL);
}

static int is_word(Octets octets)
{
    return octets.end > octets.begin && octets.end - octets.begin <= LONGEST_WORD;
}

/* Takes both, also where one is NULL: then it is NULL. */
static PyObject *pair_of(PyObject *first, PyObject *second)
{
    PyObject *const pair = first == NULL || second == NULL ? NULL : PyTuple_New(2);
    if (pair == NULL) {
        Py_XDECREF(first);
        Py_XDECREF(second);
        return NULL;
    }
    PyTuple_SetItem(pair, 0, first); /* neither fails: the tuple is new, and has room for two */
    PyTuple_SetItem(pair, 1, second);
    return pair;
}

static PyObject *parameter(Octets name, Octets value, const uint8_t *whole)
{
    PyObject *const one = PyTuple_New(4);
    if (one == NULL || (put(one, 0, word(name)) &&
                        put(one, 1, PyBytes_FromStringAndSize((const char *)value.begin, value.end - value.begin)) &&
                        put(one, 2, PyLong_FromSsize_t(value.begin - whole)) &&
                        put(one, 3, PyLong_FromSsize_t(value.end - whole))))
        return one;
    Py_DECREF(one);
    return NULL;
}

/* The value as said, and its one parameter or None: name, value, start and end of the value. */
static PyObject *simple_value(PyObject *const *args, Py_ssize_t count, int has_slash)
{
    Octets whole, octets, said, name, value;
    if (!taken_range(args, count, &octets) || !taken(args[0], &whole))
        return NULL;
    const uint8_t *at = octets.begin, *const end = octets.end;
    while (at < end && is_blank(*at))
        at++;
    said.begin = at;
    at = past(is_token, at, end);
    if (has_slash) {
        if (at == said.begin || at == end || *at != '/')
            Py_RETURN_NONE;
        const uint8_t *const subtype = at + 1;
        at = past(is_token, subtype, end);
        if (at == subtype)
            Py_RETURN_NONE;
    }
    said.end = at;
    if (!is_word(said))
        Py_RETURN_NONE;
    if (at == end)
        return pair_of(word(said), Py_NewRef(Py_None));
    if (*at != ';')
        Py_RETURN_NONE;
    name.begin = past_folds(at + 1, end);
    name.end = past(is_name, name.begin, end);
    if (!is_word(name) || name.end == end || *name.end != '=')
        Py_RETURN_NONE;
    value.begin = name.end + 1;
    if (value.begin < end && *value.begin == '"') {
        value.begin++;
        value.end = past(is_quoted, value.begin, end);
        if (end - value.end != 1 || *value.end != '"')
            Py_RETURN_NONE;
    } else {
        value.end = past(is_token, value.begin, end);
        if (value.end == value.begin || value.end != end)
            Py_RETURN_NONE;
    }
    return pair_of(word(said), parameter(name, value, whole.begin));
}

/* simple_type(data: bytes, start: int, end: int) -> tuple[str, tuple[str, bytes, int, int] | None] | None */
PyObject *simple_type(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    (void)module;
    return simple_value(args, count, 1);
}

/* simple_disposition(data: bytes, start: int, end: int) -> tuple[str, tuple[str, bytes, int, int] | None] | None */
PyObject *simple_disposition(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    (void)module;
    return simple_value(args, count, 0);
}
