"""A client hears at once who speaks; how loud those are who speak on, now and then."""

from livekit.protocol import models, rtc
from tests.clock import HandSeconds

from openrooms.media.livekit.news import LOUDNESS_SECONDS, News


def speakers(**levels: float) -> bytes:
    """Told of these: 0 is somebody who has fallen silent."""
    told = [
        models.SpeakerInfo(sid=sid, level=level, active=level > 0) for sid, level in levels.items()
    ]
    changed = rtc.SpeakersChanged(speakers=told)
    return rtc.SignalResponse(speakers_changed=changed).SerializeToString()


def test_who_begins_and_who_ends_is_told_at_once() -> None:
    news = News(HandSeconds())

    assert news.has(speakers(ada=0.5))
    assert news.has(speakers(ada=0.25, bob=0.5))
    assert news.has(speakers(ada=0))
    assert news.has(speakers(ada=0.5))
    assert news.has(speakers(ada=0, bob=0))


def test_how_loud_they_are_is_told_now_and_then() -> None:
    time = HandSeconds()
    news = News(time)
    news.has(speakers(ada=0.5, bob=0.5))

    assert not news.has(speakers(ada=0.625))
    time.advance(LOUDNESS_SECONDS - 0.1)
    assert not news.has(speakers(bob=0.625))
    time.advance(0.2)
    assert news.has(speakers(bob=0.5))
    assert not news.has(speakers(ada=0.5))


def test_each_client_has_his_own() -> None:
    ada, bob = News(HandSeconds()), News(HandSeconds())

    assert ada.has(speakers(carla=0.5))
    assert bob.has(speakers(carla=0.5))


def test_of_everything_else_all_is_told() -> None:
    news = News(HandSeconds())
    quality = rtc.SignalResponse(connection_quality=rtc.ConnectionQualityUpdate())

    assert news.has(quality.SerializeToString())
    assert news.has(quality.SerializeToString())
