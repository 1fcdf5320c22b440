package loopback

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestListenRefusesWhatOthersReach(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", ":8080", "192.0.2.1:80", "cluster.example:80", "localhost"} {
		if listener, err := Listen(address); err == nil || !strings.Contains(err.Error(), "localhost:8080") {
			if listener != nil {
				_ = listener.Close()
			}
			t.Errorf("Listen(%q): %v, want a refusal that says what is allowed", address, err)
		}
	}
}

func TestOnlyRefusesOtherNames(t *testing.T) {
	handler := Only(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	for host, want := range map[string]int{
		"localhost": http.StatusNoContent, "localhost:8080": http.StatusNoContent, "127.0.0.1:1": http.StatusNoContent, "[::1]:1": http.StatusNoContent,
		"cluster.example": http.StatusForbidden, "192.0.2.1:80": http.StatusForbidden, "": http.StatusForbidden,
	} {
		request := httptest.NewRequest(http.MethodGet, "/", nil)
		request.Host = host
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, request)
		if answer.Code != want {
			t.Errorf("a request for %q: status %d, want %d", host, answer.Code, want)
		}
	}
}
