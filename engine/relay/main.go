// Command relay is a TURN server that leads to one media engine, and to nothing else.
//
// Browsers that cannot send UDP, or to the engine's port, come here: over UDP, or over TLS on TCP.
// What they send goes to the one address of the engine's media, and what comes from there goes back.
// No other peer is let in, on any port; connections to peers (RFC 6062) are not made. Relayed
// datagrams leave from loopback, so nobody can send to a relay from outside, and none can send there.
//
// It takes one argument, the path of its settings in JSON, and says "ready" on standard output once
// it listens. Certificates are read anew when their files change.
package main

import (
	"encoding/json"
	"fmt"
	"net"
	"os"

	"github.com/pion/logging"
	"github.com/pion/turn/v5"
)

const realm = "openrooms"

// settings are what the relay is told. Addresses are "address:port"; one that is empty is not listened on.
type settings struct {
	// What credentials are made of, which whoever hands them out knows, too.
	Secret string `json:"secret"`
	UDP    string `json:"udp"`
	TLS    string `json:"tls"`
	// Files in PEM.
	Certificate string `json:"certificate"`
	Key         string `json:"key"`
	// The engine's media: as browsers know it, and as this machine reaches it.
	Peer   string `json:"peer"`
	Engine string `json:"engine"`
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		say("error", err.Error())
		os.Exit(1)
	}
}

// say writes one event as a line of JSON.
func say(level, text string) {
	line, _ := json.Marshal(map[string]string{"level": level, "msg": text})
	fmt.Println(string(line))
}

func run(arguments []string) error {
	if len(arguments) != 1 {
		return fmt.Errorf("usage: openrooms-relay SETTINGS")
	}
	given, err := read(arguments[0])
	if err != nil {
		return err
	}
	serving, err := configure(given)
	if err != nil {
		return err
	}
	if _, err := turn.NewServer(serving); err != nil {
		return err
	}
	say("info", "ready")
	select {}
}

func read(path string) (given settings, err error) {
	file, err := os.Open(path)
	if err != nil {
		return given, err
	}
	defer file.Close()
	decoder := json.NewDecoder(file)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&given); err != nil {
		return given, fmt.Errorf("%s: %w", path, err)
	}
	if given.Secret == "" {
		return given, fmt.Errorf("%s: no secret", path)
	}
	return given, nil
}

func configure(given settings) (serving turn.ServerConfig, err error) {
	way, err := newWay(given.Peer, given.Engine)
	if err != nil {
		return serving, err
	}
	answers := newAnswers()
	loggers := logging.NewDefaultLoggerFactory()
	loggers.DefaultLogLevel = logging.LogLevelDisabled
	serving = turn.ServerConfig{
		Realm:        realm,
		AuthHandler:  credentials(given.Secret, answers.doubt),
		QuotaHandler: way.hasRoom,
		EventHandler: turn.EventHandler{
			OnAuth: func(from, _ net.Addr, _, _, _, _ string, isProven bool) {
				if !isProven {
					answers.doubt(from)
				}
			},
		},
		LoggerFactory: loggers,
	}
	if given.UDP != "" {
		socket, err := net.ListenPacket("udp", given.UDP)
		if err != nil {
			return serving, err
		}
		serving.PacketConnConfigs = []turn.PacketConnConfig{{
			PacketConn: steady{socket, answers}, RelayAddressGenerator: way, PermissionHandler: way.admits,
		}}
	}
	if given.TLS != "" {
		listener, err := listenTLS(given.TLS, &pair{certificate: given.Certificate, key: given.Key}, answers)
		if err != nil {
			return serving, err
		}
		serving.ListenerConfigs = []turn.ListenerConfig{{
			Listener: listener, RelayAddressGenerator: way, PermissionHandler: way.admits,
		}}
	}
	return serving, nil
}
