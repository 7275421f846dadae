"""Speaks a sentence with eSpeak NG into a WAV file and prints the ends of its words, in milliseconds, as JSON.

espeak-words.py VOICE FILE TEXT. Only the library tells where words begin; a word ends where the next one begins, less the
pause that a comma makes.
"""
import ctypes, json, struct, sys, wave


class Event(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("number", ctypes.c_char * 8),
    ]


voice, path, text = sys.argv[1:4]
library = ctypes.CDLL("libespeak-ng.so.1")
rate = library.espeak_Initialize(1, 100, None, 0)
pieces, starts = [], []
callback_type = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(Event))


def heard(samples, count, events):
    if samples and count > 0:
        pieces.append(ctypes.string_at(samples, count * 2))
    index = 0
    while events[index].type != 0:
        if events[index].type == 1:
            starts.append(events[index].audio_position)
        index += 1
    return 0


kept = callback_type(heard)
library.espeak_SetSynthCallback(kept)
library.espeak_SetVoiceByName(voice.encode())
data = text.encode()
library.espeak_Synth(data, len(data) + 1, 0, 1, 0, 1, None, None)
library.espeak_Synchronize()
sound = b"".join(pieces)
with wave.open(path, "wb") as out:
    out.setnchannels(1)
    out.setsampwidth(2)
    out.setframerate(rate)
    out.writeframes(sound)
values = struct.unpack("<%dh" % (len(sound) // 2), sound)


def quiet_before(milliseconds, least):
    """The pause before a moment is not the word's: goes back over steps of 5 ms that are quiet."""
    step = rate // 200
    at = min(len(values), milliseconds * rate // 1000)
    while at - step > least * rate // 1000 and max(map(abs, values[at - step : at]), default=0) < 200:
        at -= step
    return at * 1000 // rate


ends = [quiet_before(next_start, start) for start, next_start in zip(starts, starts[1:] + [len(values) * 1000 // rate])]
print(json.dumps(ends))
