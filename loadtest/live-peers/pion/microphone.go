package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"time"

	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media"
)

const frame = 20 * time.Millisecond

// addMicrophone sends the recording once, then silence, in real time.
func addMicrophone(connection *webrtc.PeerConnection, path string, seconds float64) (func() error, error) {
	samples, err := readWav(path)
	if err != nil {
		return nil, err
	}
	track, err := webrtc.NewTrackLocalStaticSample(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypePCMU, ClockRate: 8000}, "audio", "microphone")
	if err != nil {
		return nil, err
	}
	_, err = connection.AddTransceiverFromTrack(track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
	if err != nil {
		return nil, err
	}
	return func() error {
		ticker := time.NewTicker(frame)
		defer ticker.Stop()
		for sent := 0; sent < int(seconds*50); sent++ {
			payload := make([]byte, 160)
			for index := range payload {
				// Two samples as one: 16 kHz to 8 kHz with the mildest of filters.
				at := 2 * (sent*160 + index)
				value := 0
				if at+1 < len(samples) {
					value = (int(samples[at]) + int(samples[at+1])) / 2
				}
				payload[index] = muLaw(value)
			}
			if err := track.WriteSample(media.Sample{Data: payload, Duration: frame}); err != nil {
				return err
			}
			<-ticker.C
		}
		return nil
	}, nil
}

// readWav takes the samples of a 16 kHz mono PCM16 file.
func readWav(path string) ([]int16, error) {
	bytes, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	for at := 12; at+8 <= len(bytes); {
		size := int(binary.LittleEndian.Uint32(bytes[at+4:]))
		body := bytes[at+8 : min(len(bytes), at+8+size)]
		switch string(bytes[at : at+4]) {
		case "fmt ":
			channels, rate, bits := binary.LittleEndian.Uint16(body[2:]), binary.LittleEndian.Uint32(body[4:]), binary.LittleEndian.Uint16(body[14:])
			if channels != 1 || rate != 16000 || bits != 16 {
				return nil, fmt.Errorf("%s is not 16 kHz mono PCM16", path)
			}
		case "data":
			samples := make([]int16, len(body)/2)
			for index := range samples {
				samples[index] = int16(binary.LittleEndian.Uint16(body[2*index:]))
			}
			return samples, nil
		}
		at += 8 + size + size%2
	}
	return nil, fmt.Errorf("%s holds no samples", path)
}

// muLaw encodes a 16-bit sample (ITU-T G.711).
func muLaw(sample int) byte {
	sign := byte(0)
	if sample < 0 {
		sample, sign = -sample, 0x80
	}
	sample = min(sample, 32635) + 132
	exponent := byte(7)
	for mask := 0x4000; exponent > 0 && sample&mask == 0; mask >>= 1 {
		exponent--
	}
	mantissa := byte(sample>>(exponent+3)) & 0x0f
	return ^(sign | exponent<<4 | mantissa)
}
