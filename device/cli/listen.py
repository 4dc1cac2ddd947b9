"""`lamha listen FILE.wav` or `lamha listen --mic`: one turn from speech."""

import argparse
from pathlib import Path


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    from lamha.device.cli.output import add_file_options, add_languages, add_options

    parser = subparsers.add_parser("listen", help="run one command from speech", description=__doc__)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "file", nargs="?", type=Path, metavar="FILE", help="a recording: WAV, FLAC, OGG or MP3"
    )
    source.add_argument(
        "--mic", action="store_true", help="record until you stop speaking, and speak the reply"
    )
    add_options(parser)
    add_languages(parser)
    add_file_options(parser)
    parser.set_defaults(func=run)


def run(options: argparse.Namespace) -> int:
    """Hear, run the turn, show it; from the microphone the reply is spoken too."""
    from lamha.device import audio
    from lamha.device.assistant import open_ears, open_session
    from lamha.device.cli import output
    from lamha.models.speech.audio import TOO_LOUD
    from lamha.models.speech.vad import speech_only

    sound = None if options.mic else audio.read(options.file)
    ears, activity = open_ears(options.languages)
    # Before the language model is loaded: a recording without speech needs none.
    speech = speech_only(sound, activity, options.file.name) if sound is not None else None
    with open_session(options.model, options.threads, output.Counter(), server=options.server) as session:
        ears.vocabulary = session.vocabulary
        if speech is None:
            output.note("listening …")
            with output.Meter() as meter:
                speech = audio.record(activity, level=meter)
            if speech.clipped > TOO_LOUD:
                output.note("lamha: that was too loud for the microphone; speak a little further away")
        transcript = ears.transcribe(speech)
        if not options.json:
            output.say(f"“{transcript.text}”")
        turn = output.finish(session.hear(transcript))
        output.show(turn, options.json)
        output.write(turn, options.png, options.wav)
    if options.mic:
        _play(turn.reply.speech)
    return 0


def _play(text: str) -> None:
    from lamha.device import audio
    from lamha.device.assistant import open_voice
    from lamha.device.cli.output import note
    from lamha.models.errors import VoiceMissing

    try:
        audio.play(open_voice().speak(text))
    except VoiceMissing as error:
        note(f"lamha: not spoken: {error}")
