/* The first look at a text: many digits close to each other, marks that may stand between digits, and characters that
 * must be folded before anything can be judged. One pass, 64 octets a step.
 *
 * What ends a row of digits (anything that is neither digit nor gap) is spelled in pansentry/pan/expressions.py, GAP:
 * ASCII letters, and first octets of characters of scripts that have letters. What must be folded comes from there as
 * a table, since it depends on the Unicode version of Python:
 *
 *   64 octets for the first octet of a character, 0xC0 to 0xFF; 64 more for each set of octets that may follow, 0x80
 *   to 0xBF. 0: nothing begins so; 255: this must be folded; else by how many 64 octets the next set is further on.
 */
#include "functions.h"
#include "octets.h"
#include <string.h>

#define MANY 13
#define BLOCK 64
#define ROW 64
#define WHOLE 255

/* What stands in 64 octets, a bit for each. */
typedef struct {
    uint64_t digits;
    uint64_t stops; /* what no row of digits goes past */
    uint64_t high;  /* no ASCII */
    uint64_t first; /* first octets of characters, 0xC0 and more */
} Block;

#if defined(__SSE2__)

typedef struct {
    __m128i marks;
    __m128i controls;
} Rare;

static inline __m128i between(__m128i octets, uint8_t low, uint8_t high)
{
    const __m128i moved = _mm_sub_epi8(octets, _mm_set1_epi8((char)low));
    return _mm_cmpeq_epi8(_mm_min_epu8(moved, _mm_set1_epi8((char)(high - low))), moved);
}

static inline __m128i equal(__m128i octets, uint8_t octet)
{
    return _mm_cmpeq_epi8(octets, _mm_set1_epi8((char)octet));
}

static inline uint64_t mask(__m128i told, unsigned step)
{
    return (uint64_t)(uint32_t)_mm_movemask_epi8(told) << step;
}

static inline Rare nothing_rare(void)
{
    const Rare rare = {_mm_setzero_si128(), _mm_setzero_si128()};
    return rare;
}

static inline int has_marks(Rare rare)
{
    return _mm_movemask_epi8(rare.marks) != 0;
}

static inline int has_controls(Rare rare)
{
    return _mm_movemask_epi8(rare.controls) != 0;
}

static inline Block look(const uint8_t *at, Rare *rare)
{
    Block block = {0, 0, 0, 0};
    for (unsigned step = 0; step < BLOCK; step += STEP) {
        const __m128i octets = _mm_loadu_si128((const __m128i *)(at + step));
        const __m128i letters = between(_mm_or_si128(octets, _mm_set1_epi8(0x20)), 'a', 'z');
        const __m128i marks = _mm_or_si128(between(octets, '%', '&'), equal(octets, '^'));
        const __m128i controls = _mm_or_si128(between(octets, 0x00, 0x08), between(octets, 0x0E, 0x1B));
        rare->marks = _mm_or_si128(rare->marks, marks);
        rare->controls = _mm_or_si128(rare->controls, _mm_or_si128(controls, equal(octets, 0x7F)));
        block.digits |= mask(between(octets, '0', '9'), step);
        block.stops |= mask(letters, step);
        block.high |= mask(octets, step);
    }
    if (block.high == 0)
        return block;
    for (unsigned step = 0; step < BLOCK; step += STEP) {
        const __m128i octets = _mm_loadu_si128((const __m128i *)(at + step));
        const __m128i gaps = _mm_or_si128(between(octets, 0xE2, 0xE3), equal(octets, 0xEF));
        block.stops |= mask(_mm_andnot_si128(gaps, between(octets, 0xC3, 0xFF)), step);
        block.first |= mask(between(octets, 0xC0, 0xFF), step);
    }
    return block;
}

#else

typedef struct {
    int marks;
    int controls;
} Rare;

static inline Rare nothing_rare(void)
{
    const Rare rare = {0, 0};
    return rare;
}

static inline int has_marks(Rare rare)
{
    return rare.marks;
}

static inline int has_controls(Rare rare)
{
    return rare.controls;
}

static inline Block look(const uint8_t *at, Rare *rare)
{
    Block block = {0, 0, 0, 0};
    for (unsigned place = 0; place < BLOCK; place++) {
        const uint8_t octet = at[place];
        const uint64_t bit = (uint64_t)1 << place;
        const uint8_t lower = octet | 0x20;
        if (octet >= '0' && octet <= '9')
            block.digits |= bit;
        if ((lower >= 'a' && lower <= 'z') || (octet >= 0xC3 && octet != 0xE2 && octet != 0xE3 && octet != 0xEF))
            block.stops |= bit;
        if (octet >= 0x80)
            block.high |= bit;
        if (octet >= 0xC0)
            block.first |= bit;
        rare->marks |= octet == '%' || octet == '&' || octet == '^';
        rare->controls |= octet <= 0x08 || (octet >= 0x0E && octet <= 0x1B) || octet == 0x7F;
    }
    return block;
}

#endif

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

/* A bit for each first octet, 0xC0 to 0xFF, that the table has something for. */
static uint64_t first_octets(Octets table)
{
    uint64_t begins = 0;
    for (unsigned octet = 0; octet < ROW && octet < (size_t)(table.end - table.begin); octet++)
        begins |= (uint64_t)(table.begin[octet] != 0) << octet;
    return begins;
}

/* first_look(text: bytes, table: bytes) -> tuple[int, bool, bool]: where the first thirteen digits close to each other
 * end, 0 if none do; whether a mark is there; whether something is that must be folded. */
PyObject *first_look(PyObject *module, PyObject *const *arguments, Py_ssize_t number)
{
    Octets text, table;
    (void)module;
    if (number != 2) {
        PyErr_SetString(PyExc_TypeError, "first_look takes a text and a table");
        return NULL;
    }
    if (!taken(arguments[0], &text) || !taken(arguments[1], &table))
        return NULL;
    const uint64_t begins = first_octets(table);
    Rare rare = nothing_rare();
    Py_ssize_t end_of_digits = 0;
    unsigned row = 0;
    int folded = 0;
    uint8_t rest[BLOCK]; /* the last octets, then blanks, which are nothing that is looked for */
    for (const uint8_t *at = text.begin; at < text.end; at += BLOCK) {
        const size_t left = (size_t)(text.end - at);
        const uint8_t *here = at;
        if (left < BLOCK) {
            memset(rest, ' ', BLOCK);
            memcpy(rest, at, left);
            here = rest;
        }
        Block block = look(here, &rare);
        if (end_of_digits == 0) {
            const unsigned end = end_of_many(&block, &row);
            if (end != 0)
                end_of_digits = at - text.begin + (Py_ssize_t)end;
        }
        if (folded)
            continue;
        for (; block.first != 0; block.first &= block.first - 1) {
            const uint8_t *character = at + first_bit(block.first);
            if (begins >> (*character - 0xC0) & 1 && is_folded(character, text.end, table)) {
                folded = 1;
                break;
            }
        }
        if (left < BLOCK)
            break;
    }
    folded |= has_controls(rare);
    return Py_BuildValue("(nNN)", end_of_digits, PyBool_FromLong(has_marks(rare)), PyBool_FromLong(folded));
}
