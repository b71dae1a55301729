/* pansentry_native: searches of PanSentry's hot path, compiled. Each has a twin in Python, which is what it means. */
#include "functions.h"

/* Counts up whenever a function is added or means something else; PanSentry takes its own twins for any other. */
#define CONTRACT 2

#define RANGE(function) (PyCFunction)(void (*)(void))(function), METH_FASTCALL

static PyMethodDef functions[] = {
    {"decode_strictly", RANGE(decode_strictly), "Decode quoted-printable without a flaw."},
    {"letters_of_even_lines", RANGE(letters_of_even_lines), "Take line ends out of base64 in lines of one width."},
    {"regular_split", RANGE(regular_split), "Split a multipart body whose delimiters are as they should be."},
    {"regular", RANGE(regular), "Read a header of the regular form."},
    {"simple_type", RANGE(simple_type), "Read a Content-Type with one parameter at most."},
    {"simple_disposition", RANGE(simple_disposition), "Read a Content-Disposition with one parameter at most."},
    {"has_plain_lines", has_plain_lines, METH_O, "Say whether all line ends of a message are CRLF, none alone."},
    {"text_signs", text_signs, METH_O, "Return what in a text tells that a reader may show more of it."},
    {"plain_until", RANGE(plain_until), "Find the first line end that stands alone or is before a dot."},
    {"first_look", RANGE(first_look), "Find many digits, marks between digits, and characters that must be folded."},
    {"card_numbers", RANGE(card_numbers), "List what can be a card number by first digits, length and check digit."},
    {"holds_any", RANGE(holds_any), "Say whether one of a table of words stands in a text."},
    {"is_utf8", is_utf8, METH_O, "Say whether octets are well-formed UTF-8."},
    {"plain_words", plain_words, METH_O, "Return fields with encoded words of the plainest form, decoded."},
    {"without_markup", RANGE(without_markup), "Return a range without tags, style sheets and scripts."},
    {"without_traces", without_traces, METH_O, "Return a header with a sign for times and address literals."},
    {"part_page", RANGE(part_page), "Part a page of HTML into its text and its markup."},
    {"edges_of_tags", RANGE(edges_of_tags), "Return what stands on both sides of tags that end with a word."},
    {"borders_of_markup", borders_of_markup, METH_O, "Say how text and markup lie side by side."},
    {"has_digit_edges", has_digit_edges, METH_O, "Say whether a digit ends a tag and one begins the text behind it."},
    {"without_invisible", without_invisible, METH_O, "Take out what has no width."},
    {"collapse_blanks", collapse_blanks, METH_O, "Make one blank of each run of white space."},
    {NULL, NULL, 0, NULL},
};

static int fill(PyObject *module)
{
    return PyModule_AddIntConstant(module, "CONTRACT", CONTRACT);
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, fill},
    {0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "pansentry_native",
    .m_doc = "Searches of PanSentry's hot path, compiled: the same answers, sooner.",
    .m_methods = functions,
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit_pansentry_native(void)
{
    return PyModuleDef_Init(&definition);
}
