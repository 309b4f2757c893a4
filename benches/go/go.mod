module benches

go 1.25.0

require (
	github.com/jub0bs/cors v1.0.2
	github.com/rs/cors v1.11.1
)
