//! Our requests are those of `opentelemetry-otlp`, over all protocols and compressions. Differences by
//! intention: metrics, data points and attributes are sorted, zero points are sent in requests of their own,
//! and headers of the environment are not merged into those of an endpoint.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bytes::Bytes;
use flate2::read::GzDecoder;
use opentelemetry::KeyValue;
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_otlp::{
    Compression as OtlpCompression, MetricExporter, Protocol as OtlpProtocol, WithExportConfig,
    WithHttpConfig, WithTonicConfig,
};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use otel_native::config::{Compression, Environment, Outcome, Protocol, Variables, resolve};
use otel_native::metrics::cardinality::CardinalityLimits;
use otel_native::otlp::grpc_frame;
use otel_native::otlp::meter_provider::MeterProvider;
use otel_native::otlp::request::{EncodedRequest, MetricsRequest};
use parking_lot::Mutex;
use prost::Message;
use std::future::Future;
use std::io::Read;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use tokio::net::TcpListener;

/// A request as a backend receives it.
#[derive(Clone, Debug, Default)]
struct Received {
    path: String,
    headers: http::HeaderMap,
    body: Bytes,
}

/// Keeps the request, and sends nothing.
#[derive(Debug, Default)]
struct Capture(Arc<Mutex<Option<Received>>>);

impl HttpClient for Capture {
    fn send_bytes<'a, 'f>(
        &'a self,
        request: http::Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<http::Response<Bytes>, HttpError>> + Send + 'f>>
    where
        'a: 'f,
        Self: 'f,
    {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path().to_owned();
        *self.0.lock() = Some(Received { path, headers: parts.headers, body });
        Box::pin(async { Ok(http::Response::new(Bytes::new())) })
    }
}

/// What the SDK has collected from some metrics of each kind.
fn collected() -> ResourceMetrics {
    let variables: Variables = [
        ("CCXRAY_OTEL_TIER", "1"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9"),
        ("OTEL_RESOURCE_ATTRIBUTES", "team=payments"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into_iter()
    .collect();
    let environment = Environment { variables, ..Environment::default() };
    let resolution = resolve(Path::new("/nonexistent"), &environment).unwrap();
    let Outcome::On(config) = resolution.outcome else { unreachable!("it is switched on") };
    let limits = CardinalityLimits::new(config.cardinality_limits.clone());
    let provider = MeterProvider::new(&config, &limits, "00000000-0000-4000-8000-000000000000");
    let meter = provider.meter();
    let attributes = |model: &'static str| {
        [KeyValue::new("model", model), KeyValue::new("provider", "anthropic")]
    };
    let tokens = meter.u64_counter("ccxray.tokens.input_total").with_unit("{token}").build();
    let cost = meter.f64_counter("ccxray.cost.usd_total").build();
    let ratio = meter.f64_gauge("ccxray.cache.hit_ratio").with_description("hits").build();
    let duration = meter.f64_histogram("ccxray.request.duration").with_unit("s").build();
    for (number, model) in [(1, "a"), (2, "b"), (3, "c")] {
        tokens.add(number, &attributes(model));
        cost.add(0.25, &attributes(model));
        ratio.record(0.5, &attributes(model));
        duration.record(1.5, &attributes(model));
    }
    provider.collect().unwrap()
}

/// Lets `opentelemetry-otlp` send the metrics.
fn reference(metrics: &ResourceMetrics, protocol: Protocol, compression: Compression) -> Received {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let captured: Arc<Mutex<Option<Received>>> = Arc::default();
    runtime.block_on(async {
        if protocol == Protocol::Grpc {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let endpoint = format!("http://{}", listener.local_addr().unwrap());
            let builder = MetricExporter::builder().with_tonic().with_endpoint(endpoint);
            let builder = match compression {
                Compression::None => builder,
                Compression::Gzip => builder.with_compression(OtlpCompression::Gzip),
            };
            let exporter = builder.build().unwrap();
            let (served, result) = tokio::join!(serve_call(listener), exporter.export(metrics));
            result.unwrap();
            *captured.lock() = Some(served);
        } else {
            let builder = MetricExporter::builder()
                .with_http()
                .with_http_client(Capture(Arc::clone(&captured)))
                .with_endpoint("http://127.0.0.1:9/v1/metrics")
                .with_protocol(match protocol {
                    Protocol::HttpJson => OtlpProtocol::HttpJson,
                    _ => OtlpProtocol::HttpBinary,
                });
            let builder = match compression {
                Compression::None => builder,
                Compression::Gzip => builder.with_compression(OtlpCompression::Gzip),
            };
            builder.build().unwrap().export(metrics).await.unwrap();
        }
    });
    let received = captured.lock().take();
    received.unwrap()
}

/// Answers one call of gRPC with success.
async fn serve_call(listener: TcpListener) -> Received {
    let (socket, _) = listener.accept().await.unwrap();
    let mut connection = h2::server::handshake(socket).await.unwrap();
    let (request, mut answer) = connection.accept().await.unwrap().unwrap();
    let (parts, mut stream) = request.into_parts();
    let read = async move {
        let mut body = Vec::new();
        while let Some(chunk) = stream.data().await {
            let chunk = chunk.unwrap();
            stream.flow_control().release_capacity(chunk.len()).unwrap();
            body.extend_from_slice(&chunk);
        }
        let response = http::Response::builder().header("content-type", "application/grpc");
        let mut sender = answer.send_response(response.body(()).unwrap(), false).unwrap();
        let message = grpc_frame::framed(&[], false).unwrap();
        sender.send_data(message.into(), false).unwrap();
        let trailers = [("grpc-status", "0")].map(|(name, value)| {
            (http::HeaderName::from_static(name), http::HeaderValue::from_static(value))
        });
        sender.send_trailers(trailers.into_iter().collect()).unwrap();
        body
    };
    // The connection makes progress while it is asked for further calls. The client closes it in the end.
    let task = tokio::spawn(read);
    let path = parts.uri.path().to_owned();
    tokio::spawn(async move { while connection.accept().await.is_some() {} });
    Received { path, headers: parts.headers, body: task.await.unwrap().into() }
}

/// The message in a body.
fn message(
    body: &Bytes,
    protocol: Protocol,
    compression: Compression,
) -> ExportMetricsServiceRequest {
    let packed = match protocol {
        Protocol::Grpc => grpc_frame::payload(body).unwrap(),
        Protocol::HttpProtobuf | Protocol::HttpJson => body.clone(),
    };
    let mut plain = Vec::new();
    match compression {
        Compression::None => plain.extend_from_slice(&packed),
        Compression::Gzip => {
            GzDecoder::new(&packed[..]).read_to_end(&mut plain).unwrap();
        }
    }
    match protocol {
        Protocol::HttpJson => serde_json::from_slice(&plain).unwrap(),
        Protocol::HttpProtobuf | Protocol::Grpc => {
            ExportMetricsServiceRequest::decode(&plain[..]).unwrap()
        }
    }
}

/// The same request with everything in our order.
fn sorted(mut request: ExportMetricsServiceRequest) -> ExportMetricsServiceRequest {
    for resource in &mut request.resource_metrics {
        if let Some(resource) = &mut resource.resource {
            resource.attributes.sort_by(|a, b| a.key.cmp(&b.key));
        }
        for scope in &mut resource.scope_metrics {
            scope.metrics.sort_by(|a, b| a.name.cmp(&b.name));
            for data in scope.metrics.iter_mut().filter_map(|metric| metric.data.as_mut()) {
                sort_points(data);
            }
        }
    }
    request
}

fn sort_points(data: &mut Data) {
    macro_rules! sort {
        ($points:expr) => {{
            for point in $points.iter_mut() {
                point.attributes.sort_by(|a, b| a.key.cmp(&b.key));
            }
            $points.sort_by_key(|point| format!("{:?}", point.attributes));
        }};
    }
    match data {
        Data::Sum(sum) => sort!(sum.data_points),
        Data::Gauge(gauge) => sort!(gauge.data_points),
        Data::Histogram(histogram) => sort!(histogram.data_points),
        _ => unreachable!("these kinds are not recorded"),
    }
}

#[test]
fn requests_are_those_of_the_reference_exporter() {
    let metrics = collected();
    for protocol in [Protocol::HttpProtobuf, Protocol::HttpJson, Protocol::Grpc] {
        for compression in [Compression::None, Compression::Gzip] {
            let theirs = reference(&metrics, protocol, compression);
            let request = MetricsRequest::new(&metrics);
            let ours =
                EncodedRequest::new(request.serialize(protocol).unwrap(), protocol, compression);
            let (ours, label) = (ours.unwrap(), format!("{protocol:?}, {compression:?}"));
            assert_eq!(
                sorted(message(&theirs.body, protocol, compression)),
                sorted(message(&ours.bytes, protocol, compression)),
                "{label}"
            );
            assert_eq!(request.point_count(), 12, "{label}");
            let (path, content_type, encoding) = match protocol {
                Protocol::HttpProtobuf => {
                    ("/v1/metrics", "application/x-protobuf", "content-encoding")
                }
                Protocol::HttpJson => ("/v1/metrics", "application/json", "content-encoding"),
                Protocol::Grpc => (
                    "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
                    "application/grpc",
                    "grpc-encoding",
                ),
            };
            assert_eq!(theirs.path, path);
            assert_eq!(theirs.headers["content-type"], content_type);
            let is_compressed = compression == Compression::Gzip;
            assert_eq!(theirs.headers.get(encoding).is_some_and(|it| it == "gzip"), is_compressed);
        }
    }
}
