/* Texts: questions that are asked of every text of a mail, each in one pass.
 *
 * is_utf8         mime/charset.py
 * holds_any       pan/anywhere.py
 * without_traces  views/headers.py
 * without_markup  views/leaf.py
 */
#include "functions.h"
#include "octets.h"
#include <stdbool.h>
#include <string.h>

static inline bool is_between(uint8_t octet, uint8_t low, uint8_t high)
{
    return octet >= low && octet <= high;
}

static inline bool is_digit(uint8_t octet)
{
    return is_between(octet, '0', '9');
}

static inline uint8_t lowered(uint8_t octet)
{
    return is_between(octet, 'A', 'Z') ? octet | 0x20 : octet;
}

static inline bool is_ascii_letter(uint8_t octet)
{
    return is_between(lowered(octet), 'a', 'z');
}

/* A part of what was written into ``room``, which nobody has seen yet and nobody will. */
static PyObject *kept(PyObject *room, const uint8_t *begin, const uint8_t *end)
{
    PyObject *answer = PyBytes_FromStringAndSize((const char *)begin, end - begin);
    Py_DECREF(room);
    return answer;
}

/* The first octet that is no ASCII, else the end. */
static inline const uint8_t *behind_ascii(const uint8_t *at, const uint8_t *end)
{
    for (; end - at >= STEP; at += STEP) {
        const uint32_t high = high16(at);
        if (high)
            return at + lowest(high);
    }
    while (at < end && *at < 0x80)
        at++;
    return at;
}

/* How long a well-formed sequence is that begins at ``at`` with no ASCII; 0 if none does (RFC 3629 §4). */
static unsigned sequence(const uint8_t *at, const uint8_t *end)
{
    const uint8_t lead = *at;
    const unsigned size = is_between(lead, 0xc2, 0xdf) ? 2 : is_between(lead, 0xe0, 0xef) ? 3 : 4;
    if (lead < 0xc2 || lead > 0xf4 || end - at < (ptrdiff_t)size)
        return 0;
    /* neither longer than need be, nor a surrogate, nor beyond Unicode */
    const uint8_t low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    const uint8_t high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (!is_between(at[1], low, high))
        return 0;
    for (unsigned next = 2; next < size; next++)
        if (!is_between(at[next], 0x80, 0xbf))
            return 0;
    return size;
}

int are_utf8(const uint8_t *at, const uint8_t *end)
{
    while ((at = behind_ascii(at, end)) < end) {
        const unsigned size = sequence(at, end);
        if (!size)
            return 0;
        at += size;
    }
    return 1;
}

/* is_utf8(data: bytes) -> bool: whether these octets are well-formed UTF-8. */
PyObject *is_utf8(PyObject *module, PyObject *data)
{
    Octets octets;
    (void)module;
    if (!taken(data, &octets))
        return NULL;
    return PyBool_FromLong(are_utf8(octets.begin, octets.end));
}

/* `` 20[0-9]{2} [0-9]{2}:[0-9]{2}(?::[0-9]{2})? [+-][0-9]{4}``: how long such a time is at ``at``, else 0. */
static size_t size_of_time(const uint8_t *at, const uint8_t *end)
{
    static const char FORM[] = " 20## ##:##";
    const uint8_t *const begin = at;
    if (end - at < (ptrdiff_t)sizeof FORM - 1)
        return 0;
    for (const char *form = FORM; *form; form++, at++)
        if (*form == '#' ? !is_digit(*at) : *at != (uint8_t)*form)
            return 0;
    if (end - at >= 3 && at[0] == ':' && is_digit(at[1]) && is_digit(at[2]))
        at += 3;
    if (end - at < 6 || at[0] != ' ' || (at[1] != '+' && at[1] != '-'))
        return 0;
    for (unsigned digit = 2; digit < 6; digit++)
        if (!is_digit(at[digit]))
            return 0;
    return (size_t)(at + 6 - begin);
}

/* ``\[[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\]``: how long such a literal is at ``at``, else 0. */
static size_t size_of_literal(const uint8_t *at, const uint8_t *end)
{
    const uint8_t *const begin = at++;
    for (unsigned number = 0; number < 4; number++) {
        const uint8_t *const digits = at;
        while (at < end && at - digits < 3 && is_digit(*at))
            at++;
        if (at == digits || at == end || *at++ != (number < 3 ? '.' : ']'))
            return 0;
    }
    return (size_t)(at - begin);
}

/* ``:[Cc][Cc]:(?=[A-Za-z]{2})`` */
static bool is_listed(const uint8_t *at, const uint8_t *end)
{
    return end - at >= 6 && lowered(at[1]) == 'c' && lowered(at[2]) == 'c' && at[3] == ':' && is_ascii_letter(at[4]) &&
           is_ascii_letter(at[5]);
}

/* without_traces(head: bytes) -> bytes: ``~`` for times and address literals, and for a "cc" among names of fields.
 *
 * What is written is never longer than what was read: each of them is longer than what stands for it. */
PyObject *without_traces(PyObject *module, PyObject *head)
{
    Octets octets;
    (void)module;
    if (!taken(head, &octets))
        return NULL;
    PyObject *room = PyBytes_FromStringAndSize(NULL, octets.end - octets.begin);
    if (room == NULL)
        return NULL;
    uint8_t *const written = (uint8_t *)PyBytes_AsString(room);
    uint8_t *to = written;
    const uint8_t *from = octets.begin; /* up to here it is written */
    const uint8_t *at = octets.begin;
    while (at < octets.end) {
        if (octets.end - at >= STEP + 2) { /* a blank and "20", a colon and a "c", a bracket */
            const uint32_t telling = (equal16(at, ' ') & equal16(at + 1, '2') & equal16(at + 2, '0')) |
                                     (equal16(at, ':') & (equal16(at + 1, 'c') | equal16(at + 1, 'C'))) |
                                     equal16(at, '[');
            if (!telling) {
                at += STEP;
                continue;
            }
            at += lowest(telling);
        }
        const size_t size = *at == ' ' ? size_of_time(at, octets.end) : *at == '[' ? size_of_literal(at, octets.end) : 0;
        const bool is_name = *at == ':' && is_listed(at, octets.end);
        if (size || is_name) {
            memcpy(to, from, (size_t)(at - from));
            to += at - from;
            if (is_name)
                *to++ = ':';
            *to++ = '~';
            if (is_name)
                *to++ = ':';
            at += is_name ? 4 : size;
            from = at;
        } else {
            at++;
        }
    }
    memcpy(to, from, (size_t)(octets.end - from));
    return kept(room, written, to + (octets.end - from));
}

/* The place of a ``<`` or ``>`` from ``at`` on, else the end. */
static const uint8_t *next_bracket(const uint8_t *at, const uint8_t *end)
{
    for (; end - at >= STEP; at += STEP) {
        const uint32_t brackets = equal16(at, '<') | equal16(at, '>');
        if (brackets)
            return at + lowest(brackets);
    }
    while (at < end && *at != '<' && *at != '>')
        at++;
    return at;
}

/* Whether ``word`` and the end of a word begin here, whatever the case. */
static bool begins(const uint8_t *at, const uint8_t *end, const char *word)
{
    for (; *word; word++, at++)
        if (at == end || lowered(*at) != (uint8_t)*word)
            return false;
    return at == end || !(is_ascii_letter(*at) || is_digit(*at) || *at == '_');
}

/* What bytes.strip() takes away. */
static inline bool is_space(uint8_t octet)
{
    return octet == ' ' || is_between(octet, '\t', '\r');
}

/* without_markup(data: bytes, start: int, end: int) -> bytes: a range without
 * ``<(?:style|script)\b[^<>]*+>[^<]*+|<[^<>]*+>`` and without white space at its ends. */
PyObject *without_markup(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    Octets octets;
    (void)module;
    if (!taken_range(args, count, &octets))
        return NULL;
    PyObject *room = PyBytes_FromStringAndSize(NULL, octets.end - octets.begin);
    if (room == NULL)
        return NULL;
    const uint8_t *begin = (uint8_t *)PyBytes_AsString(room);
    uint8_t *to = (uint8_t *)begin;
    const uint8_t *at = octets.begin;
    while (at < octets.end) {
        const uint8_t *less = memchr(at, '<', (size_t)(octets.end - at));
        const uint8_t *const text_end = less == NULL ? octets.end : less;
        memcpy(to, at, (size_t)(text_end - at));
        to += text_end - at;
        at = text_end;
        if (less == NULL)
            break;
        const uint8_t *const more = next_bracket(less + 1, octets.end);
        if (more < octets.end && *more == '>') {
            at = more + 1;
            if (begins(less + 1, octets.end, "style") || begins(less + 1, octets.end, "script")) {
                const uint8_t *const next = memchr(at, '<', (size_t)(octets.end - at));
                at = next == NULL ? octets.end : next;
            }
        } else { /* no tag ends: all up to here is text */
            memcpy(to, less, (size_t)(more - less));
            to += more - less;
            at = more;
        }
    }
    while (begin < to && is_space(*begin))
        begin++;
    while (begin < to && is_space(to[-1]))
        to--;
    return kept(room, begin, to);
}

/* The table of words that ``holds_any`` is given (``pan/anywhere.py`` makes it): which buckets, as bits, the words are
 * in that begin with an octet of this low half, and of this high half; the same of second and of third octets; then
 * each word, its buckets and its size before it. */
#define HALVES 16
#define COMPARED 3
#define FILTERS (2 * COMPARED * HALVES)

/* Whether a word of these buckets stands at ``at``; ``words`` are in small letters. */
static bool stands_one(const uint8_t *at, const uint8_t *end, Octets words, uint8_t buckets)
{
    for (const uint8_t *word = words.begin; words.end - word >= 2 && words.end - word - 2 >= word[1];
         word += 2 + word[1]) {
        if (!(word[0] & buckets) || end - at < word[1])
            continue;
        unsigned same = 0;
        while (same < word[1] && lowered(at[same]) == word[2 + same])
            same++;
        if (same == word[1])
            return true;
    }
    return false;
}

#if defined(__SSE2__) && !defined(WITHOUT_SSE2)
#include <tmmintrin.h>

/* The places of sixteen where one may stand, as a mask; two octets behind the sixteen are read, too. */
__attribute__((target("ssse3"))) static uint32_t told_by_shuffles(const uint8_t *at, const uint8_t *filters)
{
    const __m128i half = _mm_set1_epi8(HALVES - 1);
    __m128i buckets = _mm_set1_epi8(-1);
    for (unsigned octet = 0; octet < COMPARED; octet++, filters += 2 * HALVES) {
        const __m128i octets = _mm_loadu_si128((const __m128i *)(at + octet));
        const __m128i low = _mm_loadu_si128((const __m128i *)filters);
        const __m128i high = _mm_loadu_si128((const __m128i *)(filters + HALVES));
        buckets = _mm_and_si128(buckets, _mm_shuffle_epi8(low, _mm_and_si128(octets, half)));
        buckets = _mm_and_si128(
            buckets, _mm_shuffle_epi8(high, _mm_and_si128(_mm_srli_epi16(octets, 4), half)));
    }
    return (uint16_t)~_mm_movemask_epi8(_mm_cmpeq_epi8(buckets, _mm_setzero_si128()));
}

/* The first place where one may stand, else one from which fewer than eighteen octets can be read. */
__attribute__((target("ssse3"))) static const uint8_t *
next_by_shuffles(const uint8_t *at, const uint8_t *end, const uint8_t *filters, bool is_foreign)
{
    for (; end - at >= STEP + COMPARED - 1; at += STEP) {
        if (is_foreign && *at < 0x80) { /* ASCII is skipped sooner */
            at = behind_ascii(at, end);
            if (end - at < STEP + COMPARED - 1)
                break;
        }
        const uint32_t told = told_by_shuffles(at, filters);
        if (told)
            return at + lowest(told);
    }
    return at;
}

static bool has_shuffles(void)
{
    return __builtin_cpu_supports("ssse3") != 0;
}

#else

static const uint8_t *next_by_shuffles(const uint8_t *at, const uint8_t *end, const uint8_t *filters, bool is_foreign)
{
    (void)end, (void)filters, (void)is_foreign;
    return at;
}

static bool has_shuffles(void)
{
    return false;
}

#endif

/* The buckets of which a word may stand at ``at``, by its first two octets. */
static inline uint8_t buckets_of(const uint8_t *at, const uint8_t *filters)
{
    return filters[at[0] & 15] & filters[HALVES + (at[0] >> 4)] & filters[2 * HALVES + (at[1] & 15)] &
           filters[3 * HALVES + (at[1] >> 4)];
}

/* holds_any(table: bytes, text: bytes) -> bool: whether one of the words of the table, of two octets or more each,
 * stands in a text, whatever the case of ASCII letters. */
PyObject *holds_any(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    Octets table, text;
    (void)module;
    if (count != 2) {
        PyErr_SetString(PyExc_TypeError, "a table and a text are expected");
        return NULL;
    }
    if (!taken(args[0], &table) || !taken(args[1], &text))
        return NULL;
    if (table.end - table.begin < FILTERS) {
        PyErr_SetString(PyExc_TypeError, "a table of words is expected");
        return NULL;
    }
    const uint8_t *const filters = table.begin;
    const Octets words = {table.begin + FILTERS, table.end};
    const bool is_quick = has_shuffles();
    bool is_foreign = true; /* no word begins with ASCII */
    for (unsigned half = 0; half < HALVES / 2; half++)
        is_foreign &= !filters[HALVES + half];
    for (const uint8_t *at = text.begin; text.end - at >= 2; at++) {
        if (is_quick)
            at = next_by_shuffles(at, text.end, filters, is_foreign);
        if (text.end - at < 2)
            break;
        const uint8_t buckets = buckets_of(at, filters);
        if (buckets && stands_one(at, text.end, words, buckets))
            Py_RETURN_TRUE;
    }
    Py_RETURN_FALSE;
}
