/* How text and markup of a page lie side by side: the twins of the expressions in ``views/html_signs.py``. */
#include "markup.h"

/* The bits of the answer, those of ``html_signs.py``. */
#define TIGHT 1
#define DOUBLED 2

/* What stands before markup, as bits. */
#define WORD 1      /* a letter, a digit, ";" or an octet from 0x80 on */
#define FIGURE 2    /* a digit or an octet from 0x80 on */
#define SOLID 4     /* neither blank nor line end nor ">" */
#define BLANK 8     /* a blank or a line end */

static inline int is_digit(uint8_t octet)
{
    return (uint8_t)(octet - '0') < 10;
}

static inline int is_blank(uint8_t octet)
{
    return octet == ' ' || octet == '\r' || octet == '\n';
}

static unsigned before(uint8_t octet)
{
    if (is_blank(octet))
        return BLANK;
    if (octet == '>')
        return 0;
    if (is_digit(octet) || octet >= 0x80)
        return WORD | FIGURE | SOLID;
    return is_letter(octet) || octet == ';' ? WORD | SOLID : SOLID;
}

/* Whether what stands behind markup, which is no "<", is tight with what stands before. */
static int is_tight(unsigned sides, uint8_t octet)
{
    return ((sides & WORD) && (is_name(octet) || octet == '&' || octet >= 0x80)) || ((sides & FIGURE) && !is_blank(octet))
           || ((sides & SOLID) && (is_digit(octet) || octet >= 0xd8));
}

static const uint8_t *without_blanks(const uint8_t *at, const uint8_t *end)
{
    while (at < end && is_blank(*at))
        at++;
    return at;
}

/* borders_of_markup(page: bytes) -> int: whether words stand on both sides of markup, or a digit on one and no blank on the other;
 * whether blanks stand on both sides, and something behind. Markup is what is between "<" and ">". */
PyObject *borders_of_markup(PyObject *module, PyObject *data)
{
    Octets page;
    unsigned found = 0, sides = 0; /* of the markup that is read, or of that which ended before it */
    int is_doubled = 0;            /* blanks are on both sides, and nothing behind them yet */
    (void)module;
    if (!taken(data, &page))
        return NULL;
    const uint8_t *at = page.begin, *less;
    while ((less = find(at, page.end, '<')) != NULL) {
        if (is_doubled && without_blanks(at, less) < less) {
            found |= DOUBLED;
            is_doubled = 0;
        }
        const uint8_t *const more = find(less, page.end, '>');
        if (more == NULL)
            break;
        if (less > at || at == page.begin)
            sides = 0; /* else markup goes on */
        for (; less != NULL; less = find(less + 1, more, '<')) /* each "<" in it may be where it begins */
            sides |= less > page.begin ? before(less[-1]) : 0;
        at = more + 1;
        if (at == page.end || *at == '<')
            continue;
        if (is_tight(sides, *at))
            found |= TIGHT;
        if ((sides & BLANK) && is_blank(*at))
            is_doubled = 1;
        if (found == (TIGHT | DOUBLED))
            break;
    }
    if (is_doubled && less == NULL && without_blanks(at, page.end) < page.end)
        found |= DOUBLED;
    return PyLong_FromUnsignedLong(found);
}

/* has_digit_edges(page: bytes) -> bool: whether a digit ends a tag, or the value at its end, and behind the tag stands a
 * digit, or an octet that may begin one, before any letter or markup. */
PyObject *has_digit_edges(PyObject *module, PyObject *data)
{
    Octets page;
    (void)module;
    if (!taken(data, &page))
        return NULL;
    const uint8_t *more = page.begin;
    while ((more = find(more, page.end, '>')) != NULL) {
        const uint8_t *last = more;
        if (last > page.begin && (last[-1] == '"' || last[-1] == '\''))
            last--;
        more++;
        if (last == page.begin || !is_digit(last[-1]))
            continue;
        while (more < page.end && !is_name(*more) && *more != '<' && *more < 0xd8)
            more++;
        if (more < page.end && (is_digit(*more) || *more >= 0xd8))
            Py_RETURN_TRUE;
    }
    Py_RETURN_FALSE;
}
