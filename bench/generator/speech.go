package main

import (
	"encoding/binary"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

const (
	slots       = 20 // a packet holds 20 ms, and each talker has a moment of his own in them
	samples     = opusRate / 1000 * slots
	payloadSize = 80 // Opus at 32 kbit/s
	opusMono20  = 0x78
	// With silence suppressed, Opus sends one packet each 400 ms.
	silentEvery = 20
	tooLate     = 10 * time.Millisecond
)

// voice is what one person sends.
type voice struct {
	index  int
	talks  bool
	track  *webrtc.TrackLocalStaticRTP
	level  uint8 // the number of the header extension
	packet rtp.Packet
	number uint32
	sent   atomic.Int64
	octets atomic.Int64
	stamp  atomic.Uint32
}

// speech sends the packets of all voices from one goroutine.
type speech struct {
	mutex sync.Mutex
	slot  [slots][]*voice
	count int
	talk  atomic.Int64 // packets sent by those who talk
	late  atomic.Int64 // slots that began too late
}

func (s *speech) add(index int, talks bool, track *webrtc.TrackLocalStaticRTP, level uint8) *voice {
	one := &voice{index: index, talks: talks, track: track, level: level}
	one.packet.Version = 2
	one.packet.SequenceNumber = uint16(rand.Uint32())
	one.packet.Timestamp = rand.Uint32()
	one.packet.Payload = make([]byte, payloadSize)
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.slot[s.count%slots] = append(s.slot[s.count%slots], one)
	s.count++
	return one
}

func (s *speech) clear() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.slot, s.count = [slots][]*voice{}, 0
}

func (s *speech) run() {
	next := time.Now()
	for tick := 0; ; tick++ {
		next = next.Add(time.Millisecond)
		wait := time.Until(next)
		time.Sleep(wait)
		if wait < -tooLate {
			s.late.Add(1)
		}
		s.mutex.Lock()
		now := s.slot[tick%slots]
		s.mutex.Unlock()
		for _, one := range now {
			one.packet.Timestamp += samples
			if one.talks || (tick/slots+one.index)%silentEvery == 0 {
				one.send(s)
			}
		}
	}
}

// send says who speaks and counts his packets, for those who decrypt.
func (v *voice) send(s *speech) {
	v.packet.SequenceNumber++
	v.number++
	v.packet.Payload[0] = opusMono20
	binary.BigEndian.PutUint32(v.packet.Payload[1:], uint32(v.index))
	binary.BigEndian.PutUint32(v.packet.Payload[5:], v.number)
	if v.level != 0 {
		loud := byte(127)
		if v.talks {
			loud = 0x80 | byte(18+rand.IntN(16))
		}
		_ = v.packet.SetExtension(v.level, []byte{loud})
	}
	if v.track.WriteRTP(&v.packet) != nil {
		return
	}
	if v.talks {
		s.talk.Add(1)
	}
	v.sent.Add(1)
	v.octets.Add(payloadSize)
	v.stamp.Store(v.packet.Timestamp)
}
