package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/livekit/protocol/livekit"
	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/logging"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

// As livekit-client lays out its first offer.
const firstSections = 3

// ntpEpoch is the beginning of Unix time in NTP's seconds (RFC 5905).
const ntpEpoch = 2_208_988_800

var opus = webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: opusRate, Channels: 2}

// media is one person's connection to the engine.
type media struct {
	crowd      *crowd
	index      int
	talks      bool
	connection *webrtc.PeerConnection
	mux        *ice.UDPMuxDefault
	socket     *socket
	line       *line
	followed   chan struct{} // closed once there is a line
	up         atomic.Int64  // when it was connected, in Unix nanoseconds
	wrong      atomic.Int64
	onEnd      func(reason string)

	mutex   sync.Mutex // of negotiating, and of what follows
	again   bool
	offers  uint32
	waiting []webrtc.ICECandidateInit
	own     string // what the engine calls this person's stay
	voices  voices
	cid     string
	voice   atomic.Pointer[voice]
	sender  *webrtc.RTPSender
}

func newMedia(c *crowd, index int, who invited, onEnd func(string)) (*media, error) {
	m := &media{crowd: c, index: index, talks: who.Talks, voices: newVoices(), onEnd: onEnd, followed: make(chan struct{})}
	var err error
	if m.socket, err = openSocket(c.set.decrypts, who.Exact, &c.delays); err != nil {
		return nil, err
	}
	quiet := logging.NewDefaultLoggerFactory()
	quiet.DefaultLogLevel = logging.LogLevelDisabled
	m.mux = ice.NewUDPMuxDefault(ice.UDPMuxParams{UDPConn: m.socket, Logger: quiet.NewLogger("mux")})
	how := webrtc.SettingEngine{LoggerFactory: quiet}
	how.SetIncludeLoopbackCandidate(true)
	how.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	how.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	how.SetICEUDPMux(m.mux)
	what := &webrtc.MediaEngine{}
	if err := what.RegisterDefaultCodecs(); err != nil {
		return nil, err
	}
	level := webrtc.RTPHeaderExtensionCapability{URI: sdp.AudioLevelURI}
	if err := what.RegisterHeaderExtension(level, webrtc.RTPCodecTypeAudio); err != nil {
		return nil, err
	}
	api := webrtc.NewAPI(webrtc.WithMediaEngine(what), webrtc.WithSettingEngine(how),
		webrtc.WithInterceptorRegistry(&interceptor.Registry{}))
	m.connection, err = api.NewPeerConnection(webrtc.Configuration{Certificates: c.certificates})
	if err != nil {
		return nil, err
	}
	m.connection.OnConnectionStateChange(m.change)
	m.connection.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) { m.listen(track) })
	return m, m.layOut()
}

// layOut gives the connection what livekit-client's has before its first offer.
func (m *media) layOut() error {
	yes, no, none := true, false, uint16(0)
	if _, err := m.connection.CreateDataChannel("_reliable", &webrtc.DataChannelInit{Ordered: &yes}); err != nil {
		return err
	}
	lossy := &webrtc.DataChannelInit{Ordered: &no, MaxRetransmits: &none}
	if _, err := m.connection.CreateDataChannel("_lossy", lossy); err != nil {
		return err
	}
	return m.receive(firstSections, firstSections)
}

func (m *media) receive(audios, videos uint32) error {
	one := webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}
	for range audios {
		if _, err := m.connection.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio, one); err != nil {
			return err
		}
	}
	for range videos {
		if _, err := m.connection.AddTransceiverFromKind(webrtc.RTPCodecTypeVideo, one); err != nil {
			return err
		}
	}
	return nil
}

// describe gives the first offer.
func (m *media) describe() (*livekit.SessionDescription, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return m.offer()
}

// offer describes the connection as it is now. The addresses are in it: there is one, and it is known.
func (m *media) offer() (*livekit.SessionDescription, error) {
	made, err := m.connection.CreateOffer(nil)
	if err != nil {
		return nil, err
	}
	gathered := webrtc.GatheringCompletePromise(m.connection)
	if err := m.connection.SetLocalDescription(made); err != nil {
		return nil, err
	}
	<-gathered
	m.offers++
	text := m.connection.LocalDescription().SDP
	return &livekit.SessionDescription{Type: "offer", Sdp: text, Id: m.offers}, nil
}

// negotiate makes an offer now, or once the one that is under way is answered. The mutex is held.
func (m *media) negotiate() error {
	if m.connection.SignalingState() != webrtc.SignalingStateStable {
		m.again = true
		return nil
	}
	m.again = false
	made, err := m.offer()
	if err != nil {
		return err
	}
	return m.line.say(&livekit.SignalRequest{Message: &livekit.SignalRequest_Offer{Offer: made}})
}

func (m *media) change(state webrtc.PeerConnectionState) {
	switch state {
	case webrtc.PeerConnectionStateConnected:
		if m.up.CompareAndSwap(0, time.Now().UnixNano()) && m.talks {
			m.unmute()
		}
	case webrtc.PeerConnectionStateFailed:
		m.onEnd("media failed")
	}
}

// unmute publishes the microphone, once he is in: that is done when it is opened for the first time.
func (m *media) unmute() {
	<-m.followed
	m.mutex.Lock()
	m.cid = uuid.NewString()
	request := &livekit.AddTrackRequest{
		Cid: m.cid, Name: "microphone", Type: livekit.TrackType_AUDIO,
		Source: livekit.TrackSource_MICROPHONE, DisableRed: true,
	}
	m.mutex.Unlock()
	m.tell(m.line.say(&livekit.SignalRequest{Message: &livekit.SignalRequest_AddTrack{AddTrack: request}}))
}

func (m *media) tell(failed error) {
	if failed != nil {
		m.onEnd(failed.Error())
	}
}

// follow takes what comes on a line until it ends.
func (m *media) follow(opened *line) {
	m.line = opened
	close(m.followed)
	go m.read()
}

func (m *media) read() {
	for {
		told, err := m.line.hear()
		if err != nil {
			m.onEnd(closed("signalling", err))
			return
		}
		if err := m.take(told); err != nil {
			m.onEnd(err.Error())
			return
		}
	}
}

func (m *media) take(told *livekit.SignalResponse) error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	switch it := told.Message.(type) {
	case *livekit.SignalResponse_Join:
		m.own = it.Join.Participant.Sid
		go m.line.ping(time.Duration(it.Join.PingInterval) * time.Second)
		return m.hearOthers(it.Join.OtherParticipants)
	case *livekit.SignalResponse_Update:
		return m.hearOthers(it.Update.Participants)
	case *livekit.SignalResponse_SpeakersChanged:
		return m.hearSpeakers(it.SpeakersChanged.Speakers)
	case *livekit.SignalResponse_Answer:
		return m.agree(it.Answer.Sdp)
	case *livekit.SignalResponse_Trickle:
		return m.candidate(it.Trickle.CandidateInit)
	case *livekit.SignalResponse_MediaSectionsRequirement:
		wanted := it.MediaSectionsRequirement
		if err := m.receive(wanted.NumAudios, wanted.NumVideos); err != nil {
			return err
		}
		return m.negotiate()
	case *livekit.SignalResponse_TrackPublished:
		if it.TrackPublished.Cid == m.cid {
			return m.publish()
		}
	case *livekit.SignalResponse_Leave:
		return fmt.Errorf("the engine said: leave (%v)", it.Leave.Reason)
	}
	return nil
}

// hearOthers takes in whose microphones are open now.
func (m *media) hearOthers(others []*livekit.ParticipantInfo) error {
	for _, other := range others {
		if other.Sid != m.own {
			m.voices.see(other)
		}
	}
	return m.choose()
}

func (m *media) hearSpeakers(speakers []*livekit.SpeakerInfo) error {
	if m.voices.speak(speakers) {
		return m.choose()
	}
	return nil
}

// choose asks for every voice that is chosen and for no other, one by one, as the browser SDK does.
func (m *media) choose() error {
	for _, change := range m.voices.choose() {
		tracks := []string{change.track}
		wanted := &livekit.UpdateSubscription{TrackSids: tracks, Subscribe: change.wanted,
			ParticipantTracks: []*livekit.ParticipantTracks{{ParticipantSid: change.sender, TrackSids: tracks}}}
		request := &livekit.SignalRequest{Message: &livekit.SignalRequest_Subscription{Subscription: wanted}}
		if err := m.line.say(request); err != nil {
			return err
		}
	}
	return nil
}

func (m *media) agree(text string) error {
	answer := webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: text}
	if err := m.connection.SetRemoteDescription(answer); err != nil {
		return err
	}
	for _, one := range m.waiting {
		if err := m.connection.AddICECandidate(one); err != nil {
			return err
		}
	}
	m.waiting = nil
	m.speak()
	if m.again {
		return m.negotiate()
	}
	return nil
}

func (m *media) candidate(text string) error {
	var one webrtc.ICECandidateInit
	if err := json.Unmarshal([]byte(text), &one); err != nil {
		return err
	}
	if m.connection.RemoteDescription() == nil {
		m.waiting = append(m.waiting, one)
		return nil
	}
	return m.connection.AddICECandidate(one)
}

func (m *media) publish() error {
	track, err := webrtc.NewTrackLocalStaticRTP(opus, m.cid, "sound")
	if err != nil {
		return err
	}
	direction := webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly}
	made, err := m.connection.AddTransceiverFromTrack(track, direction)
	if err != nil {
		return err
	}
	m.sender = made.Sender()
	return m.negotiate()
}

// speak begins once the microphone is agreed on.
func (m *media) speak() {
	if m.sender == nil || m.voice.Load() != nil || m.connection.SignalingState() != webrtc.SignalingStateStable {
		return
	}
	agreed := m.sender.GetParameters()
	if len(agreed.Codecs) == 0 || len(agreed.Encodings) == 0 {
		return
	}
	var level uint8
	for _, one := range agreed.HeaderExtensions {
		if one.URI == sdp.AudioLevelURI {
			level = uint8(one.ID)
		}
	}
	track, _ := m.sender.Track().(*webrtc.TrackLocalStaticRTP)
	m.voice.Store(m.crowd.speech.add(m.index, m.talks, track, level))
}

// listen reads what was decrypted, and holds it against what its talker says.
func (m *media) listen(track *webrtc.TrackRemote) {
	raw := make([]byte, 1500)
	var packet rtp.Packet
	var last uint32
	for {
		size, _, err := track.Read(raw)
		if err != nil {
			return
		}
		if err := packet.Unmarshal(raw[:size]); err != nil {
			m.wrong.Add(1)
			continue
		}
		m.socket.note(raw[:size])
		number := m.spoken(packet.Payload)
		if number == 0 || number <= last {
			m.wrong.Add(1)
		}
		last = max(last, number)
	}
}

// spoken is the number of the packet that somebody else sent; 0 when nobody did.
func (m *media) spoken(payload []byte) uint32 {
	if len(payload) != payloadSize || payload[0] != opusMono20 {
		return 0
	}
	who := int(binary.BigEndian.Uint32(payload[1:]))
	if who == m.index || who >= len(m.crowd.people) {
		return 0
	}
	speaker := m.crowd.people[who].media
	if speaker == nil || speaker.voice.Load() == nil {
		return 0
	}
	return binary.BigEndian.Uint32(payload[5:])
}

// report sends what a browser reports: of what is heard, and of what is said.
func (m *media) report() {
	if m.up.Load() == 0 {
		return
	}
	heard := &rtcp.ReceiverReport{SSRC: 1}
	m.socket.mutex.Lock()
	for _, one := range m.socket.streams[max(0, len(m.socket.streams)-31):] {
		heard.Reports = append(heard.Reports, rtcp.ReceptionReport{
			SSRC: one.ssrc, LastSequenceNumber: one.cycles<<16 | uint32(one.highest), Jitter: 20,
		})
	}
	m.socket.mutex.Unlock()
	if len(heard.Reports) > 0 {
		_ = m.connection.WriteRTCP([]rtcp.Packet{heard})
	}
	said := m.voice.Load()
	if said == nil || said.sent.Load() == 0 {
		return
	}
	now := time.Now()
	ntp := uint64(now.Unix()+ntpEpoch)<<32 | uint64(now.Nanosecond())<<32/uint64(time.Second)
	_ = m.connection.WriteRTCP([]rtcp.Packet{&rtcp.SenderReport{
		SSRC: uint32(m.sender.GetParameters().Encodings[0].SSRC), NTPTime: ntp, RTPTime: said.stamp.Load(),
		PacketCount: uint32(said.sent.Load()), OctetCount: uint32(said.octets.Load()),
	}})
}

func (m *media) close() {
	if m.line != nil {
		_ = m.line.socket.Close()
	}
	_ = m.connection.Close()
	_ = m.mux.Close()
}
