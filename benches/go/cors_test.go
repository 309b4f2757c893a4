// The scenarios of benches/support/scenarios.rs, on the CORS middleware of Go: benches/go/run
package benches

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	jub0bs "github.com/jub0bs/cors"
	rs "github.com/rs/cors"
)

const (
	granted = "https://app.tenant-0.example.com"
	refused = "https://app.tenant-0.example.net"
)

type scenario struct {
	name      string
	origin    string
	preflight bool
	host      string
	count     int
}

func scenarios() []scenario {
	all := []scenario{
		{"no Origin", "", false, "app", 1},
		{"granted", granted, false, "app", 1},
		{"refused", refused, false, "app", 1},
		{"preflight granted", granted, true, "app", 1},
		{"preflight refused", refused, true, "app", 1},
	}
	for _, count := range []int{10, 1000, 100000} {
		all = append(all, scenario{fmt.Sprintf("granted, the last of %d origins", count), granted, false, "app", count})
	}
	for _, count := range []int{10, 1000} {
		all = append(all, scenario{fmt.Sprintf("granted, the last of %d patterns", count), granted, false, "*", count})
	}
	return append(all, scenario{"refused by 10000 patterns", refused, false, "*", 10000})
}

// The granted one is the last.
func (s scenario) origins() []string {
	origins := make([]string, s.count)
	for n := range origins {
		origins[n] = fmt.Sprintf("https://%s.tenant-%d.example.com", s.host, s.count-1-n)
	}
	return origins
}

func (s scenario) request() *http.Request {
	request, err := http.NewRequest(http.MethodGet, "https://assets.example.com/", nil)
	if err != nil {
		panic(err)
	}
	for name, value := range map[string]string{
		"User-Agent":      "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0",
		"Accept":          "*/*",
		"Accept-Language": "en-US,en;q=0.5",
		"Accept-Encoding": "gzip, deflate, br",
		"Referer":         "https://app.tenant-0.example.com/",
		"Sec-Fetch-Mode":  "cors",
	} {
		request.Header.Set(name, value)
	}
	if s.origin != "" {
		request.Header.Set("Origin", s.origin)
	}
	if s.preflight {
		request.Method = http.MethodOptions
		request.Header.Set("Access-Control-Request-Method", "PUT")
		request.Header.Set("Access-Control-Request-Headers", "content-type,x-trace")
	}
	return request
}

// A response that is thrown away.
type response struct {
	header http.Header
	status int
}

func (r *response) Header() http.Header         { return r.header }
func (r *response) Write(b []byte) (int, error) { return len(b), nil }
func (r *response) WriteHeader(status int)      { r.status = status }

var (
	plain  = []string{"text/plain"}
	length = []string{"0"}
)

var bare = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
	w.Header()["Content-Type"] = plain
	w.Header()["Content-Length"] = length
})

func handlers(b *testing.B, s scenario) map[string]http.Handler {
	middleware, err := jub0bs.NewMiddleware(jub0bs.Config{
		Origins:         s.origins(),
		Credentialed:    true,
		Methods:         []string{"GET", "PUT"},
		RequestHeaders:  []string{"*"},
		MaxAgeInSeconds: 600,
		ResponseHeaders: []string{"etag"},
	})
	if err != nil {
		b.Fatal(err)
	}
	other := rs.New(rs.Options{
		AllowedOrigins:   s.origins(),
		AllowCredentials: true,
		AllowedMethods:   []string{"GET", "PUT"},
		AllowedHeaders:   []string{"*"},
		MaxAge:           600,
		ExposedHeaders:   []string{"etag"},
	})
	return map[string]http.Handler{"bare": bare, "jub0bs": middleware.Wrap(bare), "rs": other.Handler(bare)}
}

// Both let the same pages read the response.
func agree(b *testing.B, s scenario, handlers map[string]http.Handler) {
	for _, name := range []string{"jub0bs", "rs"} {
		answer := &response{header: http.Header{}}
		handlers[name].ServeHTTP(answer, s.request())
		want := ""
		if s.origin == granted {
			want = granted
		}
		if got := answer.header.Get("Access-Control-Allow-Origin"); got != want {
			b.Fatalf("%s, %s: %q", s.name, name, got)
		}
		names := strings.ReplaceAll(answer.header.Get("Access-Control-Allow-Headers"), " ", "")
		if s.preflight && want != "" && names != "content-type,x-trace" && names != "*" && names != "*,authorization" {
			b.Fatalf("%s, %s: %q", s.name, name, names)
		}
	}
}

func BenchmarkCors(b *testing.B) {
	for _, s := range scenarios() {
		handlers := handlers(b, s)
		agree(b, s, handlers)
		for _, name := range []string{"bare", "jub0bs", "rs"} {
			handler := handlers[name]
			b.Run(s.name+"/"+name, func(b *testing.B) {
				request, answer := s.request(), &response{header: http.Header{}}
				b.ReportAllocs()
				for b.Loop() {
					clear(answer.header)
					handler.ServeHTTP(answer, request)
				}
			})
		}
	}
}
