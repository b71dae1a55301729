/* Quoted-printable without a flaw (RFC 2045 §6.7): its size first, then its content, each in one pass. */
#include "functions.h"
#include "octets.h"
#include <string.h>

#define BLOCK 255 /* as many as an octet can count: the compiler makes steps of sixteen of it */
#define NONE 16   /* no digit in capitals */

/* What is written, and how far it may be. */
typedef struct {
    uint8_t *at;
    uint8_t *end;
} Room;

/* How many octets ``body`` has as content if nothing is wrong with it: an escape is two octets shorter, "=" CR LF
 * three, "=" LF two. Of anything else the number means nothing, and may be negative. */
static Py_ssize_t size_of_content(Octets body)
{
    Py_ssize_t saved = 0;
    for (const uint8_t *at = body.begin; body.end - at > 1;) { /* an "=" in the last octet is wrong anyway */
        const Py_ssize_t left = body.end - at - 1;
        const Py_ssize_t block = left < BLOCK ? left : BLOCK;
        uint8_t equals = 0, before_cr = 0;
        for (Py_ssize_t i = 0; i < block; i++) {
            equals = (uint8_t)(equals + (at[i] == '='));
            before_cr = (uint8_t)(before_cr + ((at[i] == '=') & (at[i + 1] == '\r')));
        }
        saved += 2 * (Py_ssize_t)equals + before_cr;
        at += block;
    }
    return body.end - body.begin - saved;
}

static inline unsigned digit(uint8_t octet)
{
    if (octet >= '0' && octet <= '9')
        return octet - (unsigned)'0';
    return octet >= 'A' && octet <= 'F' ? octet - (unsigned)'A' + 10 : NONE;
}

/* Octets from ``at`` to the next "=" go into the room. Returns where the "=" is, or ``end``, or where there was no room
 * for more. */
static const uint8_t *copied(const uint8_t *at, const uint8_t *end, Room *room)
{
    while (end - at >= STEP && room->end - room->at >= STEP) {
        const uint32_t found = equal16(at, '=');
        memcpy(room->at, at, STEP); /* what stands from an "=" on is written over */
        if (found) {
            room->at += lowest(found);
            return at + lowest(found);
        }
        at += STEP;
        room->at += STEP;
    }
    while (at < end && *at != '=' && room->at < room->end)
        *room->at++ = *at++;
    return at;
}

/* Reads what begins with the "=" at ``at``. Returns what is behind it; NULL if it is no escape in capitals and no soft
 * line break, or if there is no room. */
static const uint8_t *escape(const uint8_t *at, const uint8_t *end, Room *room)
{
    if (end - at >= 3) {
        const unsigned high = digit(at[1]), low = digit(at[2]);
        if ((high | low) < NONE) {
            if (room->at == room->end)
                return NULL;
            *room->at++ = (uint8_t)(high << 4 | low);
            return at + 3;
        }
        if (at[1] == '\r' && at[2] == '\n')
            return at + 3;
    }
    return end - at >= 2 && at[1] == '\n' ? at + 2 : NULL;
}

/* Whether the content of ``body`` fills the room exactly, which it then does. */
static int decoded(Octets body, Room room)
{
    const uint8_t *at = body.begin;
    while ((at = copied(at, body.end, &room)) < body.end) {
        if (*at != '=')
            return 0; /* no room: the size was that of something else */
        at = escape(at, body.end, &room);
        if (at == NULL)
            return 0;
    }
    return room.at == room.end;
}

/* decode_strictly(data: bytes, start: int, end: int) -> bytes | None: the content of ``data[start:end]``; None if an "="
 * in it begins no escape in capitals and no soft line break. */
PyObject *decode_strictly(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    Octets body;
    (void)module;
    if (!taken_range(args, count, &body))
        return NULL;
    const Py_ssize_t size = size_of_content(body);
    if (size < 0)
        Py_RETURN_NONE;
    PyObject *content = PyBytes_FromStringAndSize(NULL, size);
    if (content == NULL)
        return NULL;
    Room room = {(uint8_t *)PyBytes_AsString(content), NULL};
    room.end = room.at + size;
    /* without octets it is the one empty bytes object that all share, and nothing is written to it */
    if (decoded(body, room))
        return content;
    Py_DECREF(content);
    Py_RETURN_NONE;
}
