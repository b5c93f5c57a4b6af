using System.Globalization;
using System.Threading.RateLimiting;
using Osc.Controller.Api.Problems;
using Osc.Controller.Loop;
using Osc.Model;

namespace Osc.Controller.Api.Limits;

/// <summary>
/// Questions whose answer may take a whole state to work out: so many are worked on at the same time, whoever asks, that a processor is left for everybody else. Others wait without
/// holding a thread, and of those there is a bound.
/// </summary>
public sealed class HeavyQuestions(PolicyLoop policy) : IAsyncDisposable
{
    /// <summary>Questions that wait.</summary>
    public const int MostWaiting = 256;

    /// <summary>A state of no more documents is worked out in some milliseconds: nobody waits for a turn.</summary>
    public const int SmallState = 10_000;

    private const int RetryAfterSeconds = 5;

    private readonly ConcurrencyLimiter turns = new(new()
    {
        PermitLimit = Math.Max(1, Environment.ProcessorCount - 1),
        QueueLimit = MostWaiting,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    /// <summary>The revision that was the current one when a heavy question came: an answer may be of that one, or of any since.</summary>
    public static Revision ArrivedAt(HttpContext context) =>
        context.Features.Get<Arrival>()?.Revision ?? throw new InvalidOperationException("the endpoint is not heavy");

    public async ValueTask<object?> AnswerAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        http.Features.Set(new Arrival(policy.Current.Revision));
        if (policy.Current.State.Documents.Count <= SmallState)
        {
            return await next(context);
        }

        using var turn = await turns.AcquireAsync(cancellationToken: http.RequestAborted);
        if (turn.IsAcquired)
        {
            return await next(context);
        }

        http.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        return Problem.Of(StatusCodes.Status429TooManyRequests, $"{MostWaiting} questions are waiting already: try again in {RetryAfterSeconds} s").ToResult();
    }

    public ValueTask DisposeAsync() => turns.DisposeAsync();

    private sealed record Arrival(Revision Revision);
}
