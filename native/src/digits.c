/* The first look at a text: many digits close to each other, marks that may stand between digits, and characters that
 * must be folded before anything can be judged, and a few phrases of short words. One pass, 64 octets a step.
 *
 * What ends a row of digits (anything that is neither digit nor gap) is spelled in pansentry/pan/expressions.py, GAP:
 * ASCII letters, and first octets of characters of scripts that have letters. What must be folded comes from there as
 * a table, since it depends on the Unicode version of Python:
 *
 *   64 octets for the first octet of a character, 0xC0 to 0xFF; 64 more for each set of octets that may follow, 0x80
 *   to 0xBF. 0: nothing begins so; 255: this must be folded; else by how many 64 octets the next set is further on.
 */
#include "functions.h"
#include "eyes.h"
#include <string.h>

#define MANY 13
#define ROW 64
#define WHOLE 255
#define PHRASES 8
#define WIDEST 3 /* octets between two words of a phrase */

static inline unsigned first_bit(uint64_t bits)
{
    return (unsigned)__builtin_ctzll(bits);
}

/* The bits below ``place``, which is 64 at the most. */
static inline uint64_t below(unsigned place)
{
    return place >= 64 ? ~(uint64_t)0 : ((uint64_t)1 << place) - 1;
}

static inline unsigned count(uint64_t bits)
{
    bits -= bits >> 1 & 0x5555555555555555u;
    bits = (bits & 0x3333333333333333u) + (bits >> 2 & 0x3333333333333333u);
    bits = (bits + (bits >> 4)) & 0x0F0F0F0F0F0F0F0Fu;
    return (unsigned)(bits * 0x0101010101010101u >> 56);
}

/* The place behind the digit that is number ``which`` of these, from 1 on. */
static inline unsigned behind_digit(uint64_t digits, unsigned which)
{
    while (--which > 0)
        digits &= digits - 1;
    return first_bit(digits) + 1;
}

/* Where in the block a row of thirteen digits ends, 0 if none does. ``row`` is how many digits the row has that goes on
 * from the block before, and becomes that for the next one. */
static inline unsigned end_of_many(const Block *block, unsigned *row)
{
    const uint64_t digits = block->digits, stops = block->stops;
    if (stops == 0) {
        const unsigned here = count(digits);
        if (*row + here >= MANY)
            return behind_digit(digits, MANY - *row);
        *row += here;
        return 0;
    }
    if (digits == 0) {
        *row = 0;
        return 0;
    }
    const unsigned begin = first_bit(stops);
    const uint64_t going_on = digits & below(begin);
    if (*row + count(going_on) >= MANY)
        return behind_digit(going_on, MANY - *row);
    /* places where thirteen octets begin that stop no row: few, so it is counted only there */
    const uint64_t open = ~stops & ~below(begin);
    uint64_t wide = open & open >> 1;
    wide &= wide >> 2;
    wide &= wide >> 4;
    wide &= wide >> 5;
    while (wide != 0) {
        const unsigned from = first_bit(wide);
        const uint64_t behind = stops & ~below(from);
        const uint64_t until = below(behind != 0 ? first_bit(behind) : BLOCK);
        const uint64_t here = digits & until & ~below(from);
        if (count(here) >= MANY)
            return behind_digit(here, MANY);
        wide &= ~until;
    }
    const unsigned last = 63 - (unsigned)__builtin_clzll(stops);
    *row = count(digits & ~below(last));
    return 0;
}

/* Whether what begins at ``at`` must be folded. */
static inline int is_folded(const uint8_t *at, const uint8_t *end, Octets table)
{
    size_t row = 0;
    unsigned lowest_octet = 0xC0;
    for (; at < end; at++) {
        if (*at < lowest_octet || *at >= lowest_octet + ROW)
            return 0;
        if ((size_t)(table.end - table.begin) < (row + 1) * ROW)
            return 0;
        const uint8_t told = table.begin[row * ROW + (*at - lowest_octet)];
        if (told == WHOLE)
            return 1;
        if (told == 0)
            return 0;
        row += told;
        lowest_octet = 0x80;
    }
    return 0;
}

static Begins first_octets(Octets table)
{
    Begins begins = {0, {0}};
    for (unsigned octet = 0; octet < ROW && octet < (size_t)(table.end - table.begin); octet++)
        if (table.begin[octet] != 0) {
            begins.octets |= (uint64_t)1 << octet;
            begins.by_lower[octet & 0x0F] |= (uint8_t)(1 << (octet >> 4));
        }
    return begins;
}

/* Phrases of short words in small letters, with a blank between two words and a line end behind each phrase. What is
 * looked for is the end of a first word, with an octet behind it that no word has. Words of one letter stand alone. */
typedef struct {
    Octets words;
    unsigned first; /* octets of the first word */
} Phrase;

typedef struct {
    Phrase phrases[PHRASES];
    unsigned number;
    struct {
        uint8_t last, before; /* letters of a first word; 0 if none is before */
    } ends[PHRASES];
    unsigned different; /* ends of first words */
} Phrases;

static inline int is_letter(uint8_t octet)
{
    return (octet | 0x20) >= 'a' && (octet | 0x20) <= 'z';
}

static inline int is_in_word(uint8_t octet)
{
    return is_letter(octet) || (octet >= '0' && octet <= '9');
}

/* Parts the phrases; of more than eight the rest are left out. */
static void part(Octets written, Phrases *phrases)
{
    phrases->number = phrases->different = 0;
    for (const uint8_t *at = written.begin; at < written.end && phrases->number < PHRASES; at++) {
        Phrase *phrase = &phrases->phrases[phrases->number];
        phrase->words.begin = at;
        phrase->first = 0;
        for (; at < written.end && *at != '\n'; at++)
            if (*at == ' ' && phrase->first == 0)
                phrase->first = (unsigned)(at - phrase->words.begin);
        phrase->words.end = at;
        if (phrase->first == 0 || at == written.end)
            return;
        const uint8_t last = phrase->words.begin[phrase->first - 1];
        const uint8_t before = phrase->first > 1 ? phrase->words.begin[phrase->first - 2] : 0;
        unsigned known = 0;
        while (known < phrases->different && (phrases->ends[known].last != last || phrases->ends[known].before != before))
            known++;
        phrases->ends[known].last = last;
        phrases->ends[known].before = before;
        phrases->different += known == phrases->different;
        phrases->number++;
    }
}

/* Whether a phrase stands in the text whose first word ends before ``at``, the first gap not empty. */
static int stands(const Phrase *phrase, Octets text, const uint8_t *at)
{
    const ptrdiff_t length = (ptrdiff_t)phrase->first;
    const uint8_t *blank = phrase->words.begin + length;
    if (at - text.begin < length || at == text.end || is_in_word(*at))
        return 0;
    for (ptrdiff_t back = length; back > 0; back--)
        if ((at[-back] | 0x20) != blank[-back])
            return 0;
    if (length == 1 && at - text.begin > 1 && is_letter(at[-2]))
        return 0;
    while (blank < phrase->words.end) {
        for (unsigned width = 0; width < WIDEST && at < text.end && !is_in_word(*at); width++)
            at++;
        const uint8_t *word = blank + 1;
        for (; word < phrase->words.end && *word != ' '; word++, at++)
            if (at == text.end || (*at | 0x20) != *word)
                return 0;
        blank = word;
    }
    return length > 1 || at == text.end || !is_letter(*at);
}

/* The phrases whose first word ends in the block, a bit for each. ``block`` has no other stops than letters yet. */
INLINE unsigned phrases_in(const Block *block, const Phrases *phrases, Octets text, const uint8_t *at, const uint8_t *here,
                           Eyes eyes)
{
    const uint64_t edges = ~((block->digits | block->stops) >> 1); /* behind the block is one, too: looked at below */
    uint64_t ends = 0;
    unsigned told = 0;
    for (unsigned index = 0; index < phrases->different; index++) {
        const uint8_t before = phrases->ends[index].before;
        const uint64_t last = eyes.look_for(here, phrases->ends[index].last) & edges;
        if (last != 0)
            ends |= last & (before == 0 ? ~(block->stops << 1) : eyes.look_for(here, before) << 1 | 1);
    }
    for (; ends != 0; ends &= ends - 1) {
        const uint8_t *behind = at + first_bit(ends) + 1;
        for (unsigned index = 0; index < phrases->number && behind <= text.end; index++)
            told |= (unsigned)stands(&phrases->phrases[index], text, behind) << index;
    }
    return told;
}

/* What is told of a text. */
typedef struct {
    Py_ssize_t end_of_digits;
    int has_marks;
    int has_folded;
    unsigned phrases;
} Seen;

INLINE Seen see(Octets text, Octets table, Octets written, Eyes eyes)
{
    Seen seen = {0, 0, 0, 0};
    Phrases phrases;
    part(written, &phrases);
    Block block;
    Begins begins = {0, {0}};
    int is_prepared = 0;
    unsigned row = 0;
    uint8_t rest[BLOCK]; /* the last octets, then blanks, which are nothing that is looked for */
    for (const uint8_t *at = text.begin; at < text.end; at += BLOCK) {
        const size_t left = (size_t)(text.end - at);
        const uint8_t *here = at;
        if (left < BLOCK) {
            memset(rest, ' ', BLOCK);
            memcpy(rest, at, left);
            here = rest;
        }
        eyes.look(here, &block);
        seen.has_marks |= block.has_marks;
        seen.has_folded |= block.has_controls;
        if (phrases.number != 0)
            seen.phrases |= phrases_in(&block, &phrases, text, at, here, eyes);
        if (!block.is_ascii) {
            if (!is_prepared)
                begins = first_octets(table);
            is_prepared = 1;
            eyes.look_beyond(here, &begins, &block);
        }
        if (seen.end_of_digits == 0) {
            const unsigned end = end_of_many(&block, &row);
            if (end != 0)
                seen.end_of_digits = at - text.begin + (Py_ssize_t)end;
        }
        for (; block.first != 0 && !seen.has_folded; block.first &= block.first - 1)
            seen.has_folded = is_folded(at + first_bit(block.first), text.end, table);
        if (left < BLOCK)
            break;
    }
    return seen;
}

static Seen see_anywhere(Octets text, Octets table, Octets phrases)
{
#if defined(__SSE2__) && !defined(WITHOUT_SSE2)
    const Eyes eyes = {look_sse2, look_beyond_sse2, look_for_sse2};
#else
    const Eyes eyes = {look_plainly, look_beyond_plainly, look_for_plainly};
#endif
    return see(text, table, phrases, eyes);
}

#if defined(__x86_64__) && !defined(WITHOUT_AVX2)

WITH_AVX2 static Seen see_with_avx2(Octets text, Octets table, Octets phrases)
{
    const Eyes eyes = {look_avx2, look_beyond_avx2, look_for_avx2};
    return see(text, table, phrases, eyes);
}

#endif

/* first_look(text: bytes, table: bytes, phrases: bytes) -> tuple[int, bool, bool, int]: where the first thirteen digits
 * close to each other end, 0 if none do; whether a mark is there; whether something is that must be folded; which of at
 * most eight phrases are, a bit for each, written with up to three octets between two words, between the first two at
 * least one. */
PyObject *first_look(PyObject *module, PyObject *const *arguments, Py_ssize_t number)
{
    Octets text, table, phrases;
    (void)module;
    if (number != 3) {
        PyErr_SetString(PyExc_TypeError, "first_look takes a text, a table and phrases");
        return NULL;
    }
    if (!taken(arguments[0], &text) || !taken(arguments[1], &table) || !taken(arguments[2], &phrases))
        return NULL;
    Seen seen;
#if defined(__x86_64__) && !defined(WITHOUT_AVX2)
    if (__builtin_cpu_supports("avx2"))
        seen = see_with_avx2(text, table, phrases);
    else
#endif
        seen = see_anywhere(text, table, phrases);
    return Py_BuildValue("(nNNI)", seen.end_of_digits, PyBool_FromLong(seen.has_marks), PyBool_FromLong(seen.has_folded),
                         seen.phrases);
}
