using Osc.Controller.Api.Json;
using Osc.Controller.Api.Reference;
using Osc.Controller.Api.Security;
using Osc.Controller.Configuration;
using Osc.Controller.Delivery;
using Osc.Controller.Loop;
using Osc.Controller.Metrics;

namespace Osc.Controller.Api.Health;

/// <param name="Status">"ok".</param>
/// <param name="Revision">The current revision.</param>
/// <param name="Bus">"connected" or "disconnected". Without the bus the API works on, and delivery catches up later.</param>
public sealed record HealthAnswer(string Status, long Revision, string Bus);

public static class HealthEndpoints
{
    private const string Tag = "Operation";

    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapGet("/healthz", () => Results.Text("ok\n")).AllowAnonymous().Describe(Tag, "Says that the process lives").AnswersText("text/plain");
        app.MapGet("/readyz", Ready).AllowAnonymous().Describe(Tag, "Says that the store is loaded and the API works").Answers<HealthAnswer>();
        app.MapGet("/metrics", (ControllerMetrics metrics) => Results.Text(metrics.Print(), PrometheusExporter.ContentType))
            .Needs(Access.Read, Extent.Everything).Describe(Tag, "Metrics in Prometheus' text format").AnswersText("text/plain");
    }

    private static IResult Ready(PolicyLoop policy, DeliveryService delivery) =>
        TypedResults.Json(new HealthAnswer("ok", policy.Current.Revision.Number, delivery.IsBusConnected ? "connected" : "disconnected"), AnswerJson.Types.HealthAnswer);
}
