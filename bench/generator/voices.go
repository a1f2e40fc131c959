package main

import (
	"slices"

	"github.com/livekit/protocol/livekit"
)

// As sdk/calling/src/media/voices.ts has it.
const mostVoices = 12

// microphone is one of somebody else.
type microphone struct {
	sender, track string
	muted, wanted bool
}

// voices chooses whom to hear, as the browser SDK does: those who speak, then those who spoke last.
type voices struct {
	microphones []*microphone
	speaking    map[string]bool
	spoke       []string // who spoke last comes first
}

// change is of what is asked for.
type change struct {
	sender, track string
	wanted        bool
}

func newVoices() voices { return voices{speaking: map[string]bool{}} }

// see takes in what somebody sends now.
func (v *voices) see(other *livekit.ParticipantInfo) {
	v.microphones = slices.DeleteFunc(v.microphones, func(one *microphone) bool {
		return one.sender == other.Sid && !slices.ContainsFunc(other.Tracks, func(track *livekit.TrackInfo) bool {
			return track.Sid == one.track && other.State != livekit.ParticipantInfo_DISCONNECTED
		})
	})
	if other.State == livekit.ParticipantInfo_DISCONNECTED {
		return
	}
	for _, track := range other.Tracks {
		if track.Source != livekit.TrackSource_MICROPHONE {
			continue
		}
		at := slices.IndexFunc(v.microphones, func(one *microphone) bool { return one.track == track.Sid })
		if at < 0 {
			at = len(v.microphones)
			v.microphones = append(v.microphones, &microphone{sender: other.Sid, track: track.Sid})
		}
		v.microphones[at].muted = track.Muted
	}
}

// speak takes in who begins and ends to speak; whether somebody who speaks is not heard.
func (v *voices) speak(speakers []*livekit.SpeakerInfo) bool {
	for _, one := range speakers {
		if one.Active {
			v.speaking[one.Sid] = true
		} else {
			delete(v.speaking, one.Sid)
		}
	}
	var now []string
	for _, one := range speakers {
		if one.Active {
			now = append(now, one.Sid)
		}
	}
	for _, sender := range v.spoke {
		if !slices.Contains(now, sender) {
			now = append(now, sender)
		}
	}
	v.spoke = now[:min(len(now), 2*mostVoices)]
	return slices.ContainsFunc(v.microphones, func(one *microphone) bool {
		return v.speaking[one.sender] && !one.wanted
	})
}

// choose gives what has to be asked for anew, and what no more.
func (v *voices) choose() []change {
	var possible []*microphone
	for _, one := range v.microphones {
		if one.wanted || !one.muted {
			possible = append(possible, one)
		}
	}
	if len(possible) > mostVoices {
		slices.SortStableFunc(possible, func(one, other *microphone) int {
			if by := number(one.muted) - number(other.muted); by != 0 {
				return by
			}
			if by := v.rank(one.sender) - v.rank(other.sender); by != 0 {
				return by
			}
			return number(other.wanted) - number(one.wanted)
		})
		possible = possible[:mostVoices]
	}
	var changes []change
	for _, one := range v.microphones {
		if wanted := slices.Contains(possible, one); wanted != one.wanted {
			one.wanted = wanted
			changes = append(changes, change{one.sender, one.track, wanted})
		}
	}
	return changes
}

func (v *voices) rank(sender string) int {
	if at := slices.Index(v.spoke, sender); at >= 0 {
		return at
	}
	return len(v.spoke)
}

func number(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
