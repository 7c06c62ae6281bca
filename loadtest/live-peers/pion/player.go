package main

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media/h264writer"
	"github.com/pion/webrtc/v4/pkg/media/oggwriter"
)

type writer interface {
	WriteRTP(packet *rtp.Packet) error
	Close() error
}

// addPlayer receives picture and sound, writes them to files, and prints every packet and every sender report.
func addPlayer(connection *webrtc.PeerConnection, out string, seconds float64) (func() error, error) {
	for _, kind := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeVideo, webrtc.RTPCodecTypeAudio} {
		init := webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}
		if _, err := connection.AddTransceiverFromKind(kind, init); err != nil {
			return nil, err
		}
	}
	sound, err := oggwriter.New(filepath.Join(out, "sound.ogg"), 48000, 2)
	if err != nil {
		return nil, err
	}
	picture, err := os.Create(filepath.Join(out, "picture.h264"))
	if err != nil {
		return nil, err
	}
	files := map[webrtc.RTPCodecType]writer{
		webrtc.RTPCodecTypeAudio: sound,
		webrtc.RTPCodecTypeVideo: h264writer.NewWith(picture),
	}
	connection.OnTrack(func(track *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
		tell("track", map[string]any{"kind": track.Kind().String(), "codec": track.Codec().MimeType, "stream": track.StreamID()})
		go reports(track, receiver)
		packets(track, files[track.Kind()])
	})
	return func() error {
		time.Sleep(time.Duration(seconds * float64(time.Second)))
		for _, file := range files {
			if err := file.Close(); err != nil {
				return err
			}
		}
		return nil
	}, nil
}

func packets(track *webrtc.TrackRemote, file writer) {
	for {
		packet, _, err := track.ReadRTP()
		if err != nil {
			return
		}
		digest := sha256.Sum256(packet.Payload)
		tell("rtp", map[string]any{
			"kind": track.Kind().String(), "sequence": packet.SequenceNumber, "timestamp": packet.Timestamp, "marker": packet.Marker,
			"size": len(packet.Payload), "digest": hex.EncodeToString(digest[:8]),
		})
		// The last packets may come after the files were closed.
		_ = file.WriteRTP(packet)
	}
}

func reports(track *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
	for {
		list, _, err := receiver.ReadRTCP()
		if err != nil {
			return
		}
		for _, packet := range list {
			if report, ok := packet.(*rtcp.SenderReport); ok && report.SSRC == uint32(track.SSRC()) {
				tell("report", map[string]any{
					"kind": track.Kind().String(), "ntpSeconds": float64(report.NTPTime) / (1 << 32), "timestamp": report.RTPTime, "packets": report.PacketCount,
				})
			}
		}
	}
}
