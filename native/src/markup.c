/* A page of HTML parted into its text and its markup: the twin of ``views/html_parts.py``, for pages without riddles.
 *
 * Different pieces of markup are told by a table of fixed size: a page with more of them than it holds, or of which too
 * many fall on one place, is refused, as is whatever a reader may take in two ways.
 */
#include "markup.h"

#define MOST_MARKUP 512
#define PLACES 2048    /* four times as many, so that few fall on one */
#define MOST_STEPS 8   /* from place to place, for one piece of markup: hostile pages are refused, not slow */
#define JOINT 1        /* stands for a tag */
#define BREAK '\f'     /* stands for a tag that ends a line; neither has a page, white space being collapsed */

typedef enum { UNKNOWN, INLINE, BLOCK, COMMENT, SHEET } Kind;

typedef struct {
    Octets octets;
    Kind kind;
} Markup;

typedef struct {
    Markup found[MOST_MARKUP];
    unsigned count;
    uint16_t places[PLACES]; /* one more than an index of ``found``; 0 where nothing is */
} Table;

/* What is written: ``shown`` to its place, the page without what is taken out to ``kept``, up to ``from``. */
typedef struct {
    Octets page;
    Octets blocks;
    int is_raw; /* comments, sheets and scripts are tags and text like any other */
    Table *table;
    uint8_t *shown;
    uint8_t *kept;
    const uint8_t *from;
} Parting;

static uint32_t hashed(Octets octets)
{
    const uint64_t factor = 0x9E3779B97F4A7C15u;
    uint64_t sum = (uint64_t)(octets.end - octets.begin) * factor, eight;
    const uint8_t *at = octets.begin;
    for (; octets.end - at >= 8; at += 8) {
        memcpy(&eight, at, 8);
        sum = (sum ^ eight) * factor;
        sum ^= sum >> 32;
    }
    for (; at < octets.end; at++)
        sum = (sum ^ *at) * factor;
    return (uint32_t)(sum >> 32);
}

static int are_same(Octets one, Octets other)
{
    const Py_ssize_t size = one.end - one.begin;
    return size == other.end - other.begin && memcmp(one.begin, other.begin, (size_t)size) == 0;
}

/* Where these octets are in the table, put there if they were not; NULL if there is no room. */
static Markup *noted(Table *table, const uint8_t *begin, const uint8_t *end)
{
    const Octets octets = {begin, end};
    unsigned place = hashed(octets) % PLACES;
    for (unsigned step = 0; step < MOST_STEPS; step++, place = (place + 1) % PLACES) {
        if (!table->places[place]) {
            if (table->count == MOST_MARKUP)
                return NULL;
            Markup *markup = &table->found[table->count++];
            table->places[place] = (uint16_t)table->count;
            markup->octets = octets;
            markup->kind = UNKNOWN;
            return markup;
        }
        Markup *markup = &table->found[table->places[place] - 1];
        if (are_same(markup->octets, octets))
            return markup;
    }
    return NULL;
}

static void show(Parting *to, const uint8_t *text, const uint8_t *end)
{
    memcpy(to->shown, text, (size_t)(end - text));
    to->shown += end - text;
}

static void take_out(Parting *of, const uint8_t *begin, const uint8_t *end)
{
    memcpy(of->kept, of->from, (size_t)(begin - of->from));
    of->kept += begin - of->from;
    of->from = end;
}

static int begins(const uint8_t *at, const uint8_t *end, const char *word)
{
    for (; *word; word++, at++)
        if (at == end || lower(*at) != (uint8_t)*word)
            return 0;
    return 1;
}

/* The octet behind the "-->" of a comment that begins at ``at``; NULL if it has none, or if another one begins in it. */
static const uint8_t *end_of_comment(const uint8_t *at, const uint8_t *end)
{
    const uint8_t *const inside = at + 4; /* behind "<!--", which is there */
    const uint8_t *more = inside;
    while ((more = find(more, end, '>')) != NULL && !(more - inside >= 2 && more[-1] == '-' && more[-2] == '-'))
        more++;
    if (more == NULL)
        return NULL;
    for (at = inside; (at = find(at, more, '<')) != NULL; at++)
        if (begins(at, more, "<!--"))
            return NULL;
    return more + 1;
}

/* How long the name of a tag is that opens a style sheet or a script; 0 if it opens none. */
static int loud(const uint8_t *tag, const uint8_t *end)
{
    const int size = begins(tag + 1, end, "style") ? 5 : begins(tag + 1, end, "script") ? 6 : 0;
    return size && !is_name(tag[1 + size]) && tag[1 + size] != '_' ? size : 0;
}

/* The tag that closes what ``name`` opened, if nothing like markup stands between: from "<" to behind ">". */
static Octets closing(const uint8_t *name, int size, const uint8_t *inside, const uint8_t *end)
{
    const Octets none = {NULL, NULL};
    const uint8_t *const tag = find(inside, end, '<');
    if (tag == NULL || end - tag < 2 + size || tag[1] != '/')
        return none;
    for (int i = 0; i < size; i++)
        if (lower(tag[2 + i]) != lower(name[i]))
            return none;
    const uint8_t *at = tag + 2 + size;
    while (at < end && is_space(*at))
        at++;
    if (at == end || *at != '>')
        return none;
    return (Octets){tag, at + 1};
}

/* Notes a tag, from "<" to behind ">", and shows what stands for it; 0 if there is no room. */
static int put_tag(Parting *to, const uint8_t *begin, const uint8_t *end)
{
    Markup *const tag = noted(to->table, begin, end);
    if (tag == NULL)
        return 0;
    if (tag->kind == UNKNOWN)
        tag->kind = has_name_of(tag->octets, to->blocks) ? BLOCK : INLINE;
    *to->shown++ = tag->kind == BLOCK ? BREAK : JOINT;
    return 1;
}

/* Notes what is no text, and takes it out of the page; 0 if there is no room. */
static int put_aside(Parting *of, const uint8_t *begin, const uint8_t *end, Kind kind)
{
    Markup *const markup = noted(of->table, begin, end);
    if (markup == NULL)
        return 0;
    markup->kind = kind;
    take_out(of, begin, end);
    return 1;
}

/* Reads the markup at ``tag``, whose first ">" is before ``end``. Returns what is behind it, NULL to refuse. */
static const uint8_t *put_markup(Parting *to, const uint8_t *tag, const uint8_t *end)
{
    const uint8_t *const page_end = to->page.end;
    if (to->is_raw)
        return put_tag(to, tag, end) ? end : NULL;
    if (begins(tag, page_end, "<!--")) {
        end = end_of_comment(tag, page_end);
        /* without it, a "<" before it may open a tag with what is behind it */
        if (end == NULL || (tag > to->page.begin && tag[-1] == '<') || !put_aside(to, tag, end, COMMENT))
            return NULL;
        return end;
    }
    if (find(tag + 1, end, '<') != NULL)
        return NULL;
    const int size = loud(tag, end);
    if (!size)
        return put_tag(to, tag, end) ? end : NULL;
    const Octets closed = closing(tag + 1, size, end, page_end);
    if (closed.begin == NULL || !put_aside(to, tag, closed.end, SHEET))
        return NULL;
    *to->shown++ = JOINT;
    return put_tag(to, closed.begin, closed.end) ? closed.end : NULL;
}

/* Whether the page could be parted. */
static int part(Parting *to)
{
    const uint8_t *text = to->page.begin, *const page_end = to->page.end, *tag;
    while ((tag = next_tag(text, page_end)) != NULL) {
        const uint8_t *end = find(tag + 2, page_end, '>');
        if (end == NULL)
            break;
        show(to, text, tag);
        text = put_markup(to, tag, end + 1);
        if (text == NULL)
            return 0;
    }
    if (!to->is_raw && find(text, page_end, '<') != NULL)
        return 0;
    show(to, text, page_end);
    take_out(to, page_end, page_end);
    return 1;
}

/* What is of these kinds in the table, a line each. */
static PyObject *lines_of(const Table *table, Kind kind, Kind other)
{
    Py_ssize_t size = 0;
    for (unsigned i = 0; i < table->count; i++) {
        const Markup *const markup = &table->found[i];
        if (markup->kind == kind || markup->kind == other)
            size += markup->octets.end - markup->octets.begin + 1;
    }
    PyObject *lines = PyBytes_FromStringAndSize(NULL, size ? size - 1 : 0);
    if (lines == NULL || !size)
        return lines;
    uint8_t *to = (uint8_t *)PyBytes_AsString(lines), *const begin = to;
    for (unsigned i = 0; i < table->count; i++) {
        const Markup *const markup = &table->found[i];
        if (markup->kind != kind && markup->kind != other)
            continue;
        if (to > begin)
            *to++ = '\n';
        memcpy(to, markup->octets.begin, (size_t)(markup->octets.end - markup->octets.begin));
        to += markup->octets.end - markup->octets.begin;
    }
    return lines;
}

/* The answer, of which ``source`` and ``shown`` are the page's size and taken over. */
static PyObject *answer(const Parting *parting, PyObject *page, PyObject *shown, PyObject *source)
{
    const Py_ssize_t kept = parting->kept - (const uint8_t *)PyBytes_AsString(source);
    const Py_ssize_t seen = parting->shown - (const uint8_t *)PyBytes_AsString(shown);
    if (kept == parting->page.end - parting->page.begin) { /* nothing was taken out */
        Py_DECREF(source);
        source = Py_NewRef(page);
    } else {
        source = filled(source, kept);
    }
    shown = filled(shown, seen);
    PyObject *const named = lines_of(parting->table, INLINE, BLOCK);
    PyObject *const comments = lines_of(parting->table, COMMENT, COMMENT);
    PyObject *const silent = lines_of(parting->table, SHEET, SHEET);
    PyObject *found = NULL;
    if (shown && source && named && comments && silent)
        found = PyTuple_Pack(5, shown, named, comments, silent, source);
    Py_XDECREF(shown);
    Py_XDECREF(named);
    Py_XDECREF(comments);
    Py_XDECREF(silent);
    Py_XDECREF(source);
    return found;
}

/* part_page(page: bytes, blocks: bytes, is_raw: bool) -> tuple | None: text with a joint for each tag, and the different
 * tags, comments, and sheets and scripts, each a line; the page without the last two. None of what is to be thought over. */
PyObject *part_page(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    Table table;
    Parting parting = {.table = &table};
    (void)module;
    if (count != 3) {
        PyErr_SetString(PyExc_TypeError, "page, blocks and whether it is raw are expected");
        return NULL;
    }
    if (!taken(args[0], &parting.page) || !taken(args[1], &parting.blocks))
        return NULL;
    parting.is_raw = PyObject_IsTrue(args[2]);
    if (parting.is_raw < 0)
        return NULL;
    const Py_ssize_t size = parting.page.end - parting.page.begin;
    PyObject *const shown = PyBytes_FromStringAndSize(NULL, size); /* a tag is longer than what stands for it */
    PyObject *const source = PyBytes_FromStringAndSize(NULL, size);
    if (shown == NULL || source == NULL) {
        Py_XDECREF(shown);
        Py_XDECREF(source);
        return NULL;
    }
    table.count = 0;
    memset(table.places, 0, sizeof table.places);
    parting.shown = (uint8_t *)PyBytes_AsString(shown);
    parting.kept = (uint8_t *)PyBytes_AsString(source);
    parting.from = parting.page.begin;
    if (part(&parting))
        return answer(&parting, args[0], shown, source);
    Py_DECREF(shown);
    Py_DECREF(source);
    Py_RETURN_NONE;
}
