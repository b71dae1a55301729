/* Signs of a text (views/signs.py): what in it tells that a reader may show more of it than its characters.
 *
 * One pass. Each sign has an octet that is rare in prose and in markup and stands in all that the sign means, as the
 * ``g`` of ``begin 6`` or the ``x`` of ``inhex``: those octets are found sixteen at a time, and around each is looked
 * by hand, exactly as the expression says that stands beside the function. What follows a line end is looked at where
 * the line begins.
 *
 * Linear on any input. A look goes over octets of one kind (blanks, junk between letters, letters) up to the first of
 * another; from one place on that is done once or twice, since the octet that begins the look is of the other kind, or
 * the place up to which was looked is kept (``run_end``, ``mark``).
 */
#include "functions.h"
#include "octets.h"
#include <stdbool.h>
#include <string.h>

/* Sign of views/signs.py */
enum {
    ATTACHED = 1,
    ENCODED = 2,
    DATA_URI = 4,
    MAIL = 8,
    WORDS = 16,
    FORMAT = 32,
    QUOTED = 64,
    PROPERTIES = 128,
    UNEVEN = 256,
};

#define BLOCK 64
/* letters between two marks of digits: no more than fourteen behind the two of a mark */
#define LEAST_APART 2
#define MOST_APART 16
#define WITHIN_REACH (((1u << (MOST_APART + 1)) - 1) & ~((1u << LEAST_APART) - 1))

typedef struct {
    const uint8_t *begin;
    const uint8_t *end;
    unsigned found;
    const uint8_t *run_end; /* up to here runs of UTF-7 were read */
    const uint8_t *mark;    /* the last mark of digits; NULL before the first */
    uint32_t marks;         /* bit n: n letters before it a mark stands, itself bit 0 */
    uint32_t seconds;       /* likewise those that have a mark before them within reach */
} Text;

/* Octets to look around, as two tables: an octet is one if both have a bit in common, at its low and high half. */
typedef struct {
    uint8_t low[16];
    uint8_t high[16];
} Telling;

/* bits: 1 = 0x0_, 2 = 0x2_, 4 = 0x3_, 8 = 0x4_, 16 = 0x5_, 32 = 0x6_, 64 = 0x7_, 128 = 0xe_ */
static const Telling ANY = {
    .low = {
        [0x1] = 1 | 16,              /* \x01 Q */
        [0x2] = 128,                 /* \xe2 */
        [0x4] = 8 | 16,              /* D T */
        [0x7] = 4 | 8 | 32,          /* 7 G g */
        [0x8] = 1 | 8 | 64,          /* \b H x */
        [0x9] = 1,                   /* \t */
        [0xa] = 1 | 4 | 8 | 32 | 64, /* \n : J j z */
        [0xb] = 2,                   /* + */
        [0xc] = 1 | 16,              /* \f \ */
        [0xd] = 1 | 4 | 8,           /* \r = M */
        [0xe] = 8,                   /* N */
        [0xf] = 8,                   /* O */
    },
    .high = {[0x0] = 1, [0x2] = 2, [0x3] = 4, [0x4] = 8, [0x5] = 16, [0x6] = 32, [0x7] = 64, [0xe] = 128},
};
/* the same without those that tell of encoded text only: for what comes behind such a sign */
static const Telling BUT_ENCODED = {
    .low = {
        [0x1] = 1,      /* \x01 */
        [0x2] = 128,    /* \xe2 */
        [0x7] = 8 | 32, /* G g */
        [0x8] = 1 | 64, /* \b x */
        [0x9] = 1,      /* \t */
        [0xa] = 1 | 4,  /* \n : */
        [0xc] = 1 | 16, /* \f \ */
        [0xd] = 1 | 4,  /* \r = */
    },
    .high = {[0x0] = 1, [0x2] = 2, [0x3] = 4, [0x4] = 8, [0x5] = 16, [0x6] = 32, [0x7] = 64, [0xe] = 128},
};

/* Which of 64 octets are telling, as a mask. */
typedef uint64_t Look(const uint8_t *at, const Telling *telling);

static uint64_t told_one_by_one(const uint8_t *at, const Telling *telling)
{
    uint64_t mask = 0;
    for (unsigned bit = 0; bit < BLOCK; bit++)
        mask |= (uint64_t)((telling->low[at[bit] & 15] & telling->high[at[bit] >> 4]) != 0) << bit;
    return mask;
}

#if defined(__SSE2__) && !defined(WITHOUT_SSE2)
#include <tmmintrin.h>

__attribute__((target("ssse3"))) static uint64_t told_by_shuffles(const uint8_t *at, const Telling *telling)
{
    const __m128i low = _mm_loadu_si128((const __m128i *)telling->low);
    const __m128i high = _mm_loadu_si128((const __m128i *)telling->high);
    const __m128i half = _mm_set1_epi8(15);
    uint64_t mask = 0;
    for (unsigned begin = 0; begin < BLOCK; begin += STEP) {
        const __m128i octets = _mm_loadu_si128((const __m128i *)(at + begin));
        const __m128i by_low = _mm_shuffle_epi8(low, _mm_and_si128(octets, half));
        const __m128i by_high = _mm_shuffle_epi8(high, _mm_and_si128(_mm_srli_epi16(octets, 4), half));
        const __m128i none = _mm_cmpeq_epi8(_mm_and_si128(by_low, by_high), _mm_setzero_si128());
        mask |= (uint64_t)(uint16_t)~_mm_movemask_epi8(none) << begin;
    }
    return mask;
}

static Look *fastest(void)
{
    return __builtin_cpu_supports("ssse3") ? told_by_shuffles : told_one_by_one;
}

#else

static Look *fastest(void)
{
    return told_one_by_one;
}

#endif

static uint64_t blanks(const uint8_t *at)
{
    uint64_t mask = 0;
    for (unsigned begin = 0; begin < BLOCK; begin += STEP)
        mask |= (uint64_t)equal16(at + begin, ' ') << begin;
    return mask;
}

static inline bool is_between(uint8_t octet, uint8_t low, uint8_t high)
{
    return octet >= low && octet <= high;
}

static inline bool is_blank(uint8_t octet)
{
    return octet == ' ' || octet == '\t';
}

static inline uint8_t lowered(uint8_t octet)
{
    return is_between(octet, 'A', 'Z') ? octet | 0x20 : octet;
}

static inline bool is_hexadecimal(uint8_t octet)
{
    return is_between(octet, '0', '9') || is_between(lowered(octet), 'a', 'f');
}

/* [A-Za-z0-9+/_-]: of base64, both alphabets; all else is junk between letters */
static const bool IS_LETTER[256] = {
    ['A' ... 'Z'] = true, ['a' ... 'z'] = true, ['0' ... '9'] = true,
    ['+'] = true, ['/'] = true, ['_'] = true, ['-'] = true,
};
/* [ACDEHILMOPQSTUXYbcefgijknsuwyz8+]: what may follow the first letter of a mark of digits */
static const bool IS_SECOND[256] = {
    ['A'] = true, ['C' ... 'E'] = true, ['H' ... 'I'] = true, ['L' ... 'M'] = true, ['O' ... 'Q'] = true,
    ['S' ... 'U'] = true, ['X' ... 'Y'] = true, ['b' ... 'c'] = true, ['e' ... 'g'] = true, ['i' ... 'k'] = true,
    ['n'] = true, ['s'] = true, ['u'] = true, ['w'] = true, ['y' ... 'z'] = true, ['8'] = true, ['+'] = true,
};

/* [A-Za-z0-9+/] */
static inline bool is_base64(uint8_t octet)
{
    return IS_LETTER[octet] && octet != '_' && octet != '-';
}

/* Whether these octets stand at a place, which may lie outside of the text. */
static inline bool stands(const Text *text, ptrdiff_t at, const char *octets)
{
    const size_t size = strlen(octets);
    return at >= 0 && text->end - text->begin - at >= (ptrdiff_t)size && memcmp(text->begin + at, octets, size) == 0;
}

/* The same, whatever the case; ``word`` is in small letters. */
static bool stands_in_any_case(const Text *text, ptrdiff_t at, const char *word)
{
    if (at < 0 || text->end - text->begin - at < (ptrdiff_t)strlen(word))
        return false;
    for (const uint8_t *octet = text->begin + at; *word; octet++, word++)
        if (lowered(*octet) != (uint8_t)*word)
            return false;
    return true;
}

/* The next letter behind ``at``, else the end. */
static inline const uint8_t *next_letter(const Text *text, const uint8_t *at)
{
    do
        at++;
    while (at < text->end && !IS_LETTER[*at]);
    return at;
}

/* The letter in front of ``at``, else NULL. */
static const uint8_t *letter_before(const Text *text, const uint8_t *at)
{
    while (at > text->begin)
        if (IS_LETTER[*--at])
            return at;
    return NULL;
}

/* (?:^|\n)[!-_][ -`]{16,64}\r?(?:\n|$) */
static bool is_uuencoded(const Text *text, const uint8_t *line)
{
    const uint8_t *at = line;
    if (at == text->end || !is_between(*at, '!', '_'))
        return false;
    while (at < text->end && at - line <= 65 && is_between(*at, ' ', '`'))
        at++;
    if (at - line < 17 || at - line > 65)
        return false;
    if (at < text->end && *at == '\r')
        at++;
    return at == text->end || *at == '\n';
}

/* What begins behind a line end, or with the text. */
static void look_at_line(Text *text, const uint8_t *line)
{
    const ptrdiff_t begin = line - text->begin;
    const uint8_t *at = line;
    if (line == text->end)
        return;
    if (!(text->found & ATTACHED) && is_uuencoded(text, line))
        text->found |= ATTACHED;
    if (*line == ':' && (stands(text, begin, ":61:") || stands(text, begin, ":86:")))
        text->found |= PROPERTIES;
    if (stands_in_any_case(text, begin, "content-t") || stands_in_any_case(text, begin, "mime-v"))
        text->found |= MAIL;
    while (at < text->end && is_blank(*at))
        at++;
    if (at < text->end && (*at == '>' || *at == '|')) /* (?:^|\n)[ \t]*[>|] */
        text->found |= QUOTED;
    if (text->found & ENCODED)
        return;
    while (at < text->end && (is_blank(*at) || *at == '>')) /* (?:^|\n)[ \t>]*[A-Za-z0-9+/_-]{16} */
        at++;
    const uint8_t *letters = at;
    while (at < text->end && at - letters < 16 && IS_LETTER[*at])
        at++;
    if (at - letters == 16)
        text->found |= ENCODED;
}

/* =(?:[0-9a-fA-F]{2}|[ \t]*\r?\n)   =\?   =ybegin␣ */
static void look_at_equals(Text *text, const uint8_t *at)
{
    const ptrdiff_t begin = at - text->begin;
    if (++at == text->end)
        return;
    if (*at == '?')
        text->found |= WORDS;
    if (stands(text, begin, "=ybegin "))
        text->found |= ATTACHED;
    if (is_hexadecimal(*at) && at + 1 < text->end && is_hexadecimal(at[1]))
        text->found |= ENCODED;
    while (at < text->end && is_blank(*at))
        at++;
    if (at < text->end && *at == '\r')
        at++;
    if (at < text->end && *at == '\n')
        text->found |= ENCODED;
}

/* [Bb][Ee][Gg][Ii][Nn][ \t]+[0-7], from its third letter */
static void look_at_begin(Text *text, const uint8_t *at)
{
    if (at - text->begin < 2 || (at[-1] | 0x20) != 'e' || !stands_in_any_case(text, at - text->begin - 2, "begin"))
        return;
    const uint8_t *blank = at += 3;
    while (at < text->end && is_blank(*at))
        at++;
    if (at > blank && at < text->end && is_between(*at, '0', '7'))
        text->found |= ATTACHED;
}

/* \+[^letters]*8   \+[A-Za-z0-9+/]*(?:A[DMNOwxyz0-5]|/x) */
static void look_at_plus(Text *text, const uint8_t *at)
{
    const uint8_t *next = next_letter(text, at);
    if (next < text->end && *next == '8')
        text->found |= ENCODED;
    if (at < text->run_end) /* it stands in a run that was read from another on */
        return;
    for (at++; at < text->end && is_base64(*at); at++) {
        if (at + 1 == text->end)
            continue;
        if (*at == 'A' ? at[1] != '\0' && strchr("DMNOwxyz012345", at[1]) != NULL : *at == '/' && at[1] == 'x') {
            text->found |= ENCODED;
            return;
        }
    }
    text->run_end = at;
}

/* Three marks of digits close together: [MNODTjz], a letter that may follow it, up to fourteen letters to the next; any
 * junk between letters. ``marks`` and ``seconds`` are the last letters before the place, moved on mark by mark. */
static void look_at_mark(Text *text, const uint8_t *at)
{
    const uint8_t *next = next_letter(text, at);
    if (next == text->end || !IS_SECOND[*next])
        return;
    if (text->mark != NULL) {
        unsigned apart = 1;
        for (const uint8_t *between = text->mark + 1; between < at && apart <= MOST_APART; between++)
            apart += IS_LETTER[*between];
        text->marks = apart <= MOST_APART ? text->marks << apart : 0;
        text->seconds = apart <= MOST_APART ? text->seconds << apart : 0;
    }
    text->mark = at;
    if (text->seconds & WITHIN_REACH)
        text->found |= ENCODED;
    if (text->marks & WITHIN_REACH)
        text->seconds |= 1;
    text->marks |= 1;
}

/* v, v, J, with any junk between them */
static bool ends_a_mark(const Text *text, const uint8_t *at)
{
    const uint8_t *second = letter_before(text, at);
    if (second == NULL || *second != 'v')
        return false;
    const uint8_t *first = letter_before(text, second);
    return first != NULL && *first == 'v';
}

/* 7, 7, y, with any junk between them */
static bool begins_a_mark(const Text *text, const uint8_t *at)
{
    const uint8_t *second = next_letter(text, at);
    if (second == text->end || *second != '7')
        return false;
    const uint8_t *third = next_letter(text, second);
    return third < text->end && *third == 'y';
}

/* A letter that tells of encoded text only. */
static void look_at_letter(Text *text, const uint8_t *at)
{
    const ptrdiff_t begin = at - text->begin;
    bool is_sign = false;
    switch (*at) {
    case '7':
        is_sign = begins_a_mark(text, at);
        break;
    case 'J':
        is_sign = ends_a_mark(text, at) || stands(text, begin, "JVBERi0");
        break;
    case 'H':
        is_sign = stands(text, begin, "H4sI");
        break;
    case 'Q':
        is_sign = stands(text, begin, "QlpoI") || stands(text, begin, "QlpoS") || stands(text, begin, "QlpoW") ||
                  stands(text, begin, "QlpoY");
        break;
    case 'D':
        is_sign = stands(text, begin - 3, "UEsDB");
        look_at_mark(text, at);
        break;
    case 'N':
        is_sign = stands(text, begin, "N3q8ryc");
        look_at_mark(text, at);
        break;
    case 'T':
        is_sign = stands(text, begin - 1, "/Td6WFo");
        look_at_mark(text, at);
        break;
    default: /* M O j z */
        look_at_mark(text, at);
    }
    if (is_sign)
        text->found |= ENCODED;
}

static void look_around(Text *text, const uint8_t *at)
{
    const ptrdiff_t begin = at - text->begin;
    const bool is_last = at + 1 == text->end;
    switch (*at) {
    case '\n': /* [ \n][ \n\r], two blanks apart */
        if ((begin > 0 && at[-1] == ' ') || (!is_last && (at[1] == ' ' || at[1] == '\n' || at[1] == '\r')))
            text->found |= UNEVEN;
        look_at_line(text, at + 1);
        break;
    case '\r': /* \r[^\n]|\r\z, a blank before */
        if (is_last || at[1] != '\n' || (begin > 0 && at[-1] == ' '))
            text->found |= UNEVEN;
        break;
    case '\x01':
    case '\t':
    case '\f':
        text->found |= UNEVEN;
        break;
    case '\b':
        text->found |= FORMAT;
        break;
    case '\\':
        if (stands(text, begin - 1, "{\\rtf"))
            text->found |= FORMAT;
        break;
    case 0xe2:
        if (stands(text, begin, "\xe2\x80\xad") || stands(text, begin, "\xe2\x80\xae"))
            text->found |= FORMAT;
        break;
    case ':':
        if (stands_in_any_case(text, begin - 4, "data:"))
            text->found |= DATA_URI;
        if (stands_in_any_case(text, begin - 5, "begin:v"))
            text->found |= PROPERTIES;
        break;
    case '=':
        look_at_equals(text, at);
        break;
    case 'g':
    case 'G':
        look_at_begin(text, at);
        break;
    case 'x':
        if (stands(text, begin - 4, "inhex") || stands(text, begin - 4, "inHex"))
            text->found |= ATTACHED;
        break;
    case '+':
        if (!(text->found & ENCODED))
            look_at_plus(text, at);
        break;
    default:
        if (!(text->found & ENCODED))
            look_at_letter(text, at);
    }
}

/* text_signs(text: bytes) -> int: the signs that were seen, as bits. */
PyObject *text_signs(PyObject *module, PyObject *object)
{
    Octets octets;
    (void)module;
    if (!taken(object, &octets))
        return NULL;
    Text text = {.begin = octets.begin, .end = octets.end, .run_end = octets.begin};
    Look *const told = fastest();
    uint64_t before = 0; /* whether the octet before is a blank */
    look_at_line(&text, text.begin);
    uint8_t rest[BLOCK] = {0}; /* the last octets, NUL behind them, which is no sign */
    for (const uint8_t *at = text.begin; at != text.end;) {
        const size_t size = text.end - at < BLOCK ? (size_t)(text.end - at) : BLOCK;
        const uint8_t *block = size == BLOCK ? at : memcpy(rest, at, size);
        if (!(text.found & UNEVEN)) {
            const uint64_t here = blanks(block);
            if (here & (here << 1 | before))
                text.found |= UNEVEN;
            before = here >> (BLOCK - 1);
        }
        for (uint64_t left = told(block, text.found & ENCODED ? &BUT_ENCODED : &ANY); left; left &= left - 1)
            look_around(&text, at + __builtin_ctzll(left));
        at += size;
    }
    return PyLong_FromLong((long)text.found);
}
