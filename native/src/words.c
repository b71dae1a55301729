/* Encoded words of a header (RFC 2047) of the plainest form, decoded in passing: views/plain_words.py.
 *
 * Taken are words in UTF-8 or US-ASCII, Q without a flaw or base64 whose last letter has no bits over, apart from other
 * text. Of a header with any other word nothing is said: the twin in Python knows what it is.
 */
#include "functions.h"
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* An encoded word: where it ends, and its text. */
typedef struct {
    const uint8_t *end;
    Octets text;
    bool is_base64;
} Word;

static inline bool is_blank(uint8_t octet)
{
    return octet == ' ' || octet == '\t';
}

/* What stands beside a word that is apart. */
static inline bool parts(uint8_t octet)
{
    return octet != '\0' && strchr(" \t\r\n<>()[]\"',;:.", octet) != NULL;
}

static bool begins(const uint8_t *at, const uint8_t *end, const char *octets)
{
    const size_t size = strlen(octets);
    return end - at >= (ptrdiff_t)size && memcmp(at, octets, size) == 0;
}

/* Whether a word of a plain charset stands at ``at``: =?charset?kind?text?= */
static bool is_word(const uint8_t *at, const uint8_t *end, Word *word)
{
    static const char *const CHARSETS[] = {"=?utf-8?", "=?UTF-8?", "=?us-ascii?", "=?US-ASCII?"};
    size_t size = 0;
    for (unsigned charset = 0; charset < sizeof CHARSETS / sizeof *CHARSETS; charset++)
        if (begins(at, end, CHARSETS[charset]))
            size = strlen(CHARSETS[charset]);
    if (!size || end - at < (ptrdiff_t)size + 2)
        return false;
    at += size;
    word->is_base64 = *at == 'b' || *at == 'B';
    if ((!word->is_base64 && *at != 'q' && *at != 'Q') || at[1] != '?')
        return false;
    word->text.begin = at + 2;
    word->text.end = memchr(at + 2, '?', (size_t)(end - at - 2));
    if (word->text.end == NULL || word->text.begin == word->text.end || !begins(word->text.end, end, "?="))
        return false;
    word->end = word->text.end + 2;
    return word->end == end || parts(*word->end);
}

/* 0 to 15; 16 for what is no hexadecimal digit */
static unsigned hexadecimal(uint8_t octet)
{
    if (octet >= '0' && octet <= '9')
        return octet - '0';
    octet |= 0x20;
    return octet >= 'a' && octet <= 'f' ? octet - 'a' + 10u : 16;
}

/* Decode Q to ``to``; its end, NULL if there is a flaw. */
static uint8_t *decoded_q(Octets text, uint8_t *to)
{
    for (const uint8_t *at = text.begin; at < text.end; at++) {
        if (*at == ' ' || (*at >= '\t' && *at <= '\r'))
            return NULL;
        if (*at == '=') {
            if (text.end - at < 3)
                return NULL;
            const unsigned high = hexadecimal(at[1]), low = hexadecimal(at[2]);
            if (high > 15 || low > 15)
                return NULL;
            *to++ = (uint8_t)(high << 4 | low);
            at += 2;
        } else {
            *to++ = *at == '_' ? ' ' : *at;
        }
    }
    return to;
}

/* 0 to 63; 64 for what is no letter of base64 */
static unsigned letter(uint8_t octet)
{
    if (octet >= 'A' && octet <= 'Z')
        return octet - 'A';
    if (octet >= 'a' && octet <= 'z')
        return octet - 'a' + 26u;
    if (octet >= '0' && octet <= '9')
        return octet - '0' + 52u;
    return octet == '+' ? 62 : octet == '/' ? 63 : 64;
}

/* Decode base64 to ``to``; its end, NULL if there is a flaw. */
static uint8_t *decoded_b(Octets text, uint8_t *to)
{
    const ptrdiff_t size = text.end - text.begin;
    const unsigned padding = text.end[-1] != '=' ? 0 : size > 1 && text.end[-2] == '=' ? 2 : 1;
    if (size % 4)
        return NULL;
    for (const uint8_t *at = text.begin; at < text.end; at += 4) {
        const unsigned letters = at + 4 == text.end ? 4 - padding : 4;
        uint32_t bits = 0;
        for (unsigned place = 0; place < 4; place++) {
            const unsigned value = place < letters ? letter(at[place]) : 0;
            if (value > 63)
                return NULL;
            bits = bits << 6 | value;
        }
        for (unsigned octet = 0; octet < 3; octet++) {
            const uint8_t value = (uint8_t)(bits >> (16 - 8 * octet));
            if (octet < letters - 1)
                *to++ = value;
            else if (value) /* bits over */
                return NULL;
        }
    }
    return to;
}

/* Whether decoded octets are a text that no reader takes for another: UTF-8 without shifts of older charsets. */
static bool is_text(const uint8_t *begin, const uint8_t *end)
{
    const size_t size = (size_t)(end - begin);
    return memchr(begin, 0x1b, size) == NULL && memchr(begin, 0x7e, size) == NULL && are_utf8(begin, end);
}

/* Whether all between two words is blank, which is not shown then. */
static bool are_blanks(const uint8_t *at, const uint8_t *end)
{
    while (at < end && (is_blank(*at) || *at == '\r' || *at == '\n'))
        at++;
    return at == end;
}

/* Behind the last line end before ``at`` that no blank follows: where the field begins in which it stands. */
static const uint8_t *start_of_field(const uint8_t *begin, const uint8_t *at)
{
    for (const uint8_t *start = at; start > begin; start--)
        if (start[-1] == '\n' && (start == at || !is_blank(*start)))
            return start;
    return begin;
}

static const uint8_t *end_of_field(const uint8_t *at, const uint8_t *end)
{
    for (; at < end; at++)
        if (*at == '\n' && (at + 1 == end || !is_blank(at[1])))
            return at + 1;
    return end;
}

/* Whether what was decoded has a word or an override in it. */
static bool needs_a_look(const uint8_t *at, const uint8_t *end)
{
    for (; at < end; at++)
        if (begins(at, end, "=?") || begins(at, end, "\xe2\x80\xad") || begins(at, end, "\xe2\x80\xae"))
            return true;
    return false;
}

/* The next ``=?``, else the end. */
static const uint8_t *next_word(const uint8_t *at, const uint8_t *end)
{
    while ((at = memchr(at, '=', (size_t)(end - at))) != NULL) {
        if (begins(at, end, "=?"))
            return at;
        at++;
    }
    return end;
}

/* Decode all words of a header into ``to``, from the first field with one to the last; the end, NULL if any is not of
 * the plainest form. No word is longer decoded than as it stands. */
static uint8_t *decoded(Octets head, uint8_t *to)
{
    const uint8_t *at = next_word(head.begin, head.end);
    if (at == head.end)
        return NULL;
    const uint8_t *behind = start_of_field(head.begin, at); /* behind the word before */
    bool is_first = true;
    while (at < head.end) {
        Word word;
        if (at == head.begin || !parts(at[-1]) || !is_word(at, head.end, &word))
            return NULL;
        if (is_first || !are_blanks(behind, at)) {
            memcpy(to, behind, (size_t)(at - behind));
            to += at - behind;
        }
        uint8_t *const begin = to;
        to = word.is_base64 ? decoded_b(word.text, to) : decoded_q(word.text, to);
        if (to == NULL || !is_text(begin, to))
            return NULL;
        is_first = false;
        behind = word.end;
        at = next_word(behind, head.end);
    }
    const uint8_t *const end = end_of_field(behind, head.end);
    memcpy(to, behind, (size_t)(end - behind));
    return to + (end - behind);
}

/* plain_words(head: bytes) -> bytes | None: what views/plain_words.py gives of a header with words of the plainest form;
 * None if there is none, or any other. */
PyObject *plain_words(PyObject *module, PyObject *object)
{
    Octets head;
    (void)module;
    if (!taken(object, &head))
        return NULL;
    PyObject *room = PyBytes_FromStringAndSize(NULL, head.end - head.begin);
    if (room == NULL)
        return NULL;
    uint8_t *const written = (uint8_t *)PyBytes_AsString(room);
    const uint8_t *const end = decoded(head, written);
    PyObject *answer = NULL;
    if (end == NULL || needs_a_look(written, end))
        answer = Py_NewRef(Py_None);
    else
        answer = PyBytes_FromStringAndSize((const char *)written, end - written);
    Py_DECREF(room);
    return answer;
}
