package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/livekit/protocol/livekit"
	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/logging"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

const soundID = "probe"

var opus = webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48_000, Channels: 2}

// participant is one connection to the engine: its signalling through the gate, and its media.
type participant struct {
	call       *call
	relayed    bool
	connection *webrtc.PeerConnection
	sound      *webrtc.TrackLocalStaticRTP
	line       *line
	offers     uint32
	again      bool
	waiting    []webrtc.ICECandidateInit

	connected chan struct{}
	heard     chan struct{}
	lost      chan error
	hearing   sync.Once
	coming    sync.Once
	gone      chan struct{}
}

func newParticipant(c *call, through *relay) (*participant, error) {
	p := &participant{
		call: c, relayed: through != nil,
		connected: make(chan struct{}), heard: make(chan struct{}), lost: make(chan error, 1), gone: make(chan struct{}),
	}
	known, err := certificate()
	if err != nil {
		return nil, err
	}
	how, err := p.settings()
	if err != nil {
		return nil, err
	}
	what := &webrtc.MediaEngine{}
	sound := webrtc.RTPCodecParameters{RTPCodecCapability: opus, PayloadType: 111}
	if err := what.RegisterCodec(sound, webrtc.RTPCodecTypeAudio); err != nil {
		return nil, err
	}
	configuration := webrtc.Configuration{Certificates: known}
	if through != nil {
		configuration.ICETransportPolicy = webrtc.ICETransportPolicyRelay
		configuration.ICEServers = []webrtc.ICEServer{
			{URLs: []string{through.URL}, Username: through.User, Credential: through.Credential},
		}
	}
	api := webrtc.NewAPI(webrtc.WithMediaEngine(what), webrtc.WithSettingEngine(how),
		webrtc.WithInterceptorRegistry(&interceptor.Registry{}))
	if p.connection, err = api.NewPeerConnection(configuration); err != nil {
		return nil, err
	}
	p.connection.OnConnectionStateChange(p.change)
	p.connection.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) { p.listen(track) })
	return p, nil
}

// settings have it use the one address of this machine that leads to the engine.
func (p *participant) settings() (how webrtc.SettingEngine, err error) {
	quiet := logging.NewDefaultLoggerFactory()
	quiet.DefaultLogLevel = logging.LogLevelDisabled
	how.LoggerFactory = quiet
	// Nothing is sent.
	way, err := net.Dial("udp", net.JoinHostPort(p.call.given.Reached, "9"))
	if err != nil {
		return how, err
	}
	own := way.LocalAddr().(*net.UDPAddr).IP
	_ = way.Close()
	network := webrtc.NetworkTypeUDP4
	if own.To4() == nil {
		network = webrtc.NetworkTypeUDP6
	}
	how.SetNetworkTypes([]webrtc.NetworkType{network})
	how.SetIncludeLoopbackCandidate(true)
	how.SetIPFilter(func(ip net.IP) bool { return ip.Equal(own) })
	how.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	how.SetRelayAcceptanceMinWait(0)
	how.SetDTLSInsecureSkipHelloVerify(true)
	return how, nil
}

// certificate gives the one of this program, made anew each day.
func certificate() ([]webrtc.Certificate, error) {
	certificates.mutex.Lock()
	defer certificates.mutex.Unlock()
	if time.Since(certificates.made) < certified {
		return certificates.now, nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	made, err := webrtc.GenerateCertificate(key)
	if err != nil {
		return nil, err
	}
	certificates.made, certificates.now = time.Now(), []webrtc.Certificate{*made}
	return certificates.now, nil
}

// publish lays out sound that is sent.
func (p *participant) publish() (err error) {
	if p.sound, err = webrtc.NewTrackLocalStaticRTP(opus, soundID, soundID); err != nil {
		return err
	}
	one := webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly}
	_, err = p.connection.AddTransceiverFromTrack(p.sound, one)
	return err
}

// receive lays out sound that is received.
func (p *participant) receive() error {
	one := webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}
	_, err := p.connection.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio, one)
	return err
}

// enter opens signalling, with the first offer in the request.
func (p *participant) enter(ticket string) error {
	offer, err := p.offer()
	if err != nil {
		return err
	}
	request := &livekit.JoinRequest{
		ClientInfo:         &livekit.ClientInfo{Sdk: livekit.ClientInfo_GO, Protocol: 16, Os: "probe"},
		ConnectionSettings: &livekit.ConnectionSettings{AutoSubscribe: true},
		PublisherOffer:     offer,
	}
	if p.sound != nil {
		request.AddTrackRequests = []*livekit.AddTrackRequest{{
			Cid: soundID, Name: soundID, Type: livekit.TrackType_AUDIO,
			Source: livekit.TrackSource_MICROPHONE, DisableRed: true,
		}}
	}
	if p.line, err = openLine(p.call.given.Gate, ticket, request, p.call.deadline); err != nil {
		return err
	}
	first, err := p.line.hear()
	if err != nil {
		return err
	}
	if first.GetJoin() == nil {
		return errors.New("the engine's first answer is not that to a join")
	}
	go p.follow()
	return nil
}

// offer describes the connection as it is now, with all addresses in it.
func (p *participant) offer() (*livekit.SessionDescription, error) {
	made, err := p.connection.CreateOffer(nil)
	if err != nil {
		return nil, err
	}
	gathered := webrtc.GatheringCompletePromise(p.connection)
	if err := p.connection.SetLocalDescription(made); err != nil {
		return nil, err
	}
	select {
	case <-gathered:
	case <-time.After(time.Until(p.call.deadline) / 2):
		// A relay that does not answer has no address to give.
	}
	p.offers++
	return &livekit.SessionDescription{Type: "offer", Sdp: p.connection.LocalDescription().SDP, Id: p.offers}, nil
}

// follow takes what the engine says until one of both ends it.
func (p *participant) follow() {
	for {
		told, err := p.line.hear()
		if err == nil {
			err = p.take(told)
		}
		if err != nil {
			p.lose(err)
			return
		}
	}
}

func (p *participant) lose(err error) {
	select {
	case p.lost <- err:
	default:
	}
}

func (p *participant) take(told *livekit.SignalResponse) error {
	switch it := told.Message.(type) {
	case *livekit.SignalResponse_Answer:
		return p.agree(it.Answer.Sdp)
	case *livekit.SignalResponse_Trickle:
		return p.candidate(it.Trickle.CandidateInit)
	case *livekit.SignalResponse_MediaSectionsRequirement:
		for range it.MediaSectionsRequirement.NumAudios {
			if err := p.receive(); err != nil {
				return err
			}
		}
		return p.negotiate()
	case *livekit.SignalResponse_Leave:
		return fmt.Errorf("the engine put it out (%v)", it.Leave.Reason)
	}
	return nil
}

// negotiate makes an offer now, or once the one that is under way is answered.
func (p *participant) negotiate() error {
	if p.connection.SignalingState() != webrtc.SignalingStateStable {
		p.again = true
		return nil
	}
	p.again = false
	made, err := p.offer()
	if err != nil {
		return err
	}
	return p.line.say(&livekit.SignalRequest{Message: &livekit.SignalRequest_Offer{Offer: made}})
}

func (p *participant) agree(text string) error {
	answer := webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: p.from(text)}
	if err := p.connection.SetRemoteDescription(answer); err != nil {
		return err
	}
	for _, one := range p.waiting {
		if err := p.connection.AddICECandidate(one); err != nil {
			return err
		}
	}
	p.waiting = nil
	if p.again {
		return p.negotiate()
	}
	return nil
}

func (p *participant) candidate(text string) error {
	var one webrtc.ICECandidateInit
	if err := json.Unmarshal([]byte(text), &one); err != nil {
		return err
	}
	one.Candidate = p.from(one.Candidate)
	if p.connection.RemoteDescription() == nil {
		p.waiting = append(p.waiting, one)
		return nil
	}
	return p.connection.AddICECandidate(one)
}

// from puts the address under which this machine reaches the engine's media in the place of that which
// a router in front of it has. The relay knows it by the latter.
func (p *participant) from(text string) string {
	given := p.call.given
	if p.relayed || given.Told == given.Reached {
		return text
	}
	return strings.ReplaceAll(text, " "+given.Told+" ", " "+given.Reached+" ")
}

func (p *participant) change(state webrtc.PeerConnectionState) {
	switch state {
	case webrtc.PeerConnectionStateConnected:
		p.coming.Do(func() { close(p.connected) })
	case webrtc.PeerConnectionStateFailed:
		p.lose(errors.New("the connection failed"))
	}
}

// speak sends the same sound again and again.
func (p *participant) speak(said []byte) {
	packet := &rtp.Packet{Header: rtp.Header{Version: 2, Marker: true}, Payload: said}
	ticks := time.NewTicker(frame)
	defer ticks.Stop()
	for {
		if err := p.sound.WriteRTP(packet); err != nil {
			p.lose(err)
			return
		}
		packet.SequenceNumber++
		packet.Timestamp += uint32(frame.Seconds() * float64(opus.ClockRate))
		select {
		case <-ticks.C:
		case <-p.gone:
			return
		}
	}
}

// listen waits for what is said in this call.
func (p *participant) listen(track *webrtc.TrackRemote) {
	for {
		packet, _, err := track.ReadRTP()
		if err != nil {
			return
		}
		if bytes.Equal(packet.Payload, p.call.said) {
			p.hearing.Do(func() { close(p.heard) })
			return
		}
	}
}

func (p *participant) leave() {
	close(p.gone)
	if p.line != nil {
		p.line.leave()
	}
	// It may wait for a relay that does not answer.
	go func() { _ = p.connection.Close() }()
}
