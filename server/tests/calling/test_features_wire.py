"""What clients are told of hands, spotlights and media access."""

from msgspec import to_builtins

from openrooms.calling.features import Features
from openrooms.calling.features_wire import view_of_features


def test_features_are_told_whole_and_in_order() -> None:
    features = Features(("b", "a"), ("c",), video=False, others=(("d", True, True),))

    assert to_builtins(view_of_features(features)) == {
        "hands": ["b", "a"],
        "spotlights": ["c"],
        "mediaAccess": {
            "audio": True,
            "video": False,
            "others": [{"rawId": "d", "audio": True, "video": True}],
        },
    }
