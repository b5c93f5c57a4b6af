using System.Text.Json.Serialization;
using Osc.Controller.Api.Json;
using Osc.Controller.Api.Reference;
using Osc.Controller.Api.Security;
using Osc.Controller.Configuration;
using Osc.Controller.Delivery;
using Osc.Controller.Loop;
using Osc.Controller.Metrics;

namespace Osc.Controller.Api.Health;

/// <param name="Status">"ok".</param>
/// <param name="Revision">The current revision. This and what follows is told who may read everything.</param>
/// <param name="Bus">"connected" or "disconnected". Without the bus the API works on, and delivery catches up later.</param>
public sealed record HealthAnswer(
    string Status,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Revision = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Bus = null);

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

    private static IResult Ready(HttpContext context, PolicyLoop policy, DeliveryService delivery) => TypedResults.Json(
        Confinement.Of(context).IsNone ? new HealthAnswer("ok", policy.Current.Revision.Number, delivery.IsBusConnected ? "connected" : "disconnected") : new HealthAnswer("ok"),
        AnswerJson.Types.HealthAnswer);
}
