/* Stretches of groups of digits that can be card numbers: by their first two digits, length and check digit. */
#include "functions.h"
#include "octets.h"

#define LEAST 12
#define MOST 19
#define MOST_GAP 16                   /* octets between two digits of one number, none of them an ASCII letter */
#define REACH (MOST * (MOST_GAP + 1)) /* octets that a number may take up at the most */
#define ROUNDED 16                    /* digits of a number whose last one a spreadsheet turned to zero */
#define PAIRS 100
#define HELD 32 /* digits: a power of two, more than a number and the one before it have */

static const uint8_t doubled[10] = {0, 2, 4, 6, 8, 1, 3, 5, 7, 9};

/* A digit of the text. ``sums`` are those of all digits up to and with it, with every second one doubled: those with an
 * odd number in the first, those with an even one in the second. They may go round: only differences are used. */
typedef struct {
    const uint8_t *at;
    uint32_t sums[2];
    uint32_t row; /* the same for digits with nothing between that parts them */
    uint8_t value;
} Digit;

typedef struct {
    Octets text;          /* all of it: what stands beside a digit is asked of this */
    const uint8_t *next;  /* where reading goes on */
    const uint8_t *limit; /* and ends */
    Digit digits[HELD];
    uint32_t first, read; /* numbers of the first digit that is held, and of the first that is not read */
    uint32_t row;
} Reader;

static inline int is_digit(uint8_t octet)
{
    return octet >= '0' && octet <= '9';
}

static inline int is_letter(uint8_t octet)
{
    return (octet | 0x20) >= 'a' && (octet | 0x20) <= 'z';
}

static inline const Digit *digit(const Reader *reader, uint32_t number)
{
    return &reader->digits[number % HELD];
}

/* The next digit, or the limit. */
static const uint8_t *next_digit(const uint8_t *at, const uint8_t *limit)
{
    if (at < limit && is_digit(*at))
        return at;
    for (; limit - at >= STEP; at += STEP) {
        const uint32_t found = between16(at, '0', '9');
        if (found != 0)
            return at + lowest(found);
    }
    while (at < limit && !is_digit(*at))
        at++;
    return at;
}

static int are_parted(const uint8_t *begin, const uint8_t *end)
{
    if (end - begin > MOST_GAP)
        return 1;
    for (; begin < end; begin++)
        if (is_letter(*begin))
            return 1;
    return 0;
}

/* Read on until a number's digits are held, or nothing is left to read. */
static void fill(Reader *reader)
{
    while (reader->read - reader->first < MOST) {
        const uint8_t *at = next_digit(reader->next, reader->limit);
        if (at == reader->limit) {
            reader->next = at;
            return;
        }
        const uint32_t number = reader->read++;
        const Digit *before = digit(reader, number - 1); /* all zero before the first */
        Digit *here = &reader->digits[number % HELD];
        if (are_parted(reader->next, at))
            reader->row++;
        here->at = at;
        here->value = (uint8_t)(*at - '0');
        here->row = reader->row;
        here->sums[number & 1] = before->sums[number & 1] + here->value;
        here->sums[~number & 1] = before->sums[~number & 1] + doubled[here->value];
        reader->next = at + 1;
    }
}

static int note(PyObject *found, const Reader *reader, uint32_t first, uint32_t last)
{
    char written[MOST];
    const unsigned length = last - first + 1;
    for (unsigned index = 0; index < length; index++)
        written[index] = (char)*digit(reader, first + index)->at;
    const Py_ssize_t start = digit(reader, first)->at - reader->text.begin;
    const Py_ssize_t end = digit(reader, last)->at - reader->text.begin + 1;
    PyObject *one = Py_BuildValue("(nns#)", start, end, written, (Py_ssize_t)length);
    if (one == NULL)
        return 0;
    const int noted = PyList_Append(found, one) == 0;
    Py_DECREF(one);
    return noted;
}

/* Note the numbers that begin with the first digit that is held. */
static int weigh(PyObject *found, const Reader *reader, const uint8_t *issued, int lenient)
{
    const uint32_t first = reader->first, held = reader->read - first;
    const Digit *begin = digit(reader, first);
    if (held < LEAST || (begin->at > reader->text.begin && is_digit(begin->at[-1])))
        return 1;
    const unsigned lengths = issued[10 * begin->value + digit(reader, first + 1)->value];
    if (lengths == 0)
        return 1;
    for (uint32_t length = LEAST; length <= MOST && length <= held; length++) {
        const uint32_t last = first + length - 1;
        const Digit *end = digit(reader, last), *before = digit(reader, first - 1);
        if (end->row != begin->row)
            break;
        if (!(lengths >> (length - LEAST) & 1) || (end->at + 1 < reader->text.end && is_digit(end->at[1])))
            continue;
        const uint32_t sum = end->sums[last & 1] - before->sums[last & 1];
        if (sum % 10 != 0 && !(lenient && length == ROUNDED && end->value == 0))
            continue;
        if (!note(found, reader, first, last))
            return 0;
    }
    return 1;
}

/* card_numbers(text: bytes, begin: int, end: int, issued: bytes, lenient: bool) -> list[tuple[int, int, str]]: start,
 * end and digits of what can be a card number and starts in begin:end. ``issued`` has for each pair of first digits
 * the lengths that such numbers may have, from twelve on, as bits. */
PyObject *card_numbers(PyObject *module, PyObject *const *arguments, Py_ssize_t number)
{
    Octets text, issued;
    (void)module;
    if (number != 5) {
        PyErr_SetString(PyExc_TypeError, "card_numbers takes a text, begin, end, what is issued, and whether leniently");
        return NULL;
    }
    if (!taken(arguments[0], &text) || !taken(arguments[3], &issued))
        return NULL;
    Py_ssize_t begin = PyLong_AsSsize_t(arguments[1]), end = PyLong_AsSsize_t(arguments[2]);
    if ((begin == -1 || end == -1) && PyErr_Occurred())
        return NULL;
    const int lenient = PyObject_IsTrue(arguments[4]);
    if (lenient < 0)
        return NULL;
    const Py_ssize_t size = text.end - text.begin;
    if (begin < 0 || end < 0 || issued.end - issued.begin < PAIRS) {
        PyErr_SetString(PyExc_ValueError, "places are counted from the beginning, and there are a hundred pairs");
        return NULL;
    }
    end = end < size ? end : size;
    begin = begin < end ? begin : end;
    PyObject *found = PyList_New(0);
    if (found == NULL)
        return NULL;
    Reader reader = {.text = text, .next = text.begin + begin, .first = 1, .read = 1};
    reader.limit = size - end > REACH ? text.begin + end + REACH : text.end;
    for (fill(&reader); reader.first != reader.read && digit(&reader, reader.first)->at < text.begin + end; fill(&reader)) {
        if (!weigh(found, &reader, issued.begin, lenient)) {
            Py_DECREF(found);
            return NULL;
        }
        reader.first++;
    }
    return found;
}
