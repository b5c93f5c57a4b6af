using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Mvc;
using Osc.Controller.Api.Problems;
using Osc.Controller.Api.Requests;
using Osc.Controller.Configuration;
using Osc.Controller.Identities;

namespace Osc.Controller.Api.Limits;

/// <summary>Bounds what requests may take: their number, those at work at the same time, their time, their bodies.</summary>
public static class RequestLimits
{
    /// <summary>The longest body of documents, in bytes.</summary>
    public const int MaxDocumentsBody = 16 * 1024 * 1024;

    /// <summary>The longest body of anything else, in bytes.</summary>
    public const int MaxQuestionBody = 64 * 1024;

    private const string Questions = "questions";

    private const string Streams = "streams";

    /// <summary>Questions of one identity that wait for others of it.</summary>
    private const int WaitingQuestions = 256;

    public static void AddOscLimits(this IServiceCollection services, LimitSettings limits)
    {
        services.AddSingleton<HeavyQuestions>();
        services.AddRateLimiter(limiter =>
        {
            limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(context => Caller.IdentityOf(context) is { } caller
                ? RateLimitPartition.GetTokenBucketLimiter("by " + caller.ActorName, _ => Bucket(limits.RequestsPerSecond, limits.Burst))
                : RateLimitPartition.GetTokenBucketLimiter("from " + AccessLog.PlaceOf(context.Connection.RemoteIpAddress), _ => Bucket(limits.UnknownPerSecond, limits.UnknownBurst)));
            limiter.AddPolicy(Questions, context => RateLimitPartition.GetConcurrencyLimiter(KeyOf(context), _ => new() { PermitLimit = limits.Questions, QueueLimit = WaitingQuestions }));
            limiter.AddPolicy(Streams, context => RateLimitPartition.GetConcurrencyLimiter(KeyOf(context), _ => new() { PermitLimit = limits.Streams, QueueLimit = 0 }));
            limiter.OnRejected = async (context, _) =>
            {
                var wait = context.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? Math.Max(1, (int)Math.Ceiling(after.TotalSeconds)) : 1;
                context.HttpContext.Response.Headers.RetryAfter = wait.ToString(CultureInfo.InvariantCulture);
                await ProblemWriter.WriteAsync(context.HttpContext, Problem.Of(StatusCodes.Status429TooManyRequests, $"try again in {wait} s"));
            };
        });
        services.AddRequestTimeouts(timeouts => timeouts.DefaultPolicy = new()
        {
            Timeout = limits.RequestTime,
            TimeoutStatusCode = StatusCodes.Status503ServiceUnavailable,
            WriteTimeoutResponse = context => ProblemWriter.WriteAsync(context, Problem.Of(StatusCodes.Status503ServiceUnavailable, $"this took more than {limits.RequestTime.TotalSeconds} s")),
        });
    }

    /// <summary>The endpoint works long: so many at once of each identity.</summary>
    public static RouteHandlerBuilder IsLong(this RouteHandlerBuilder endpoint) => endpoint.RequireRateLimiting(Questions);

    /// <summary>To answer may take a whole state to work out.</summary>
    /// <param name="when">Which requests; null: all.</param>
    public static RouteHandlerBuilder IsHeavy(this RouteHandlerBuilder endpoint, Func<HttpRequest, bool>? when = null) => endpoint.AddEndpointFilter((context, next) =>
        when?.Invoke(context.HttpContext.Request) == false ? next(context) : context.HttpContext.RequestServices.GetRequiredService<HeavyQuestions>().AnswerAsync(context, next));

    /// <summary>The endpoint may send for as long as its reader reads: so many at once of each identity.</summary>
    public static RouteHandlerBuilder IsStream(this RouteHandlerBuilder endpoint) => endpoint.RequireRateLimiting(Streams).WithMetadata(new DisableRequestTimeoutAttribute());

    /// <summary>The endpoint takes one small object.</summary>
    public static RouteHandlerBuilder TakesLittle(this RouteHandlerBuilder endpoint) => endpoint.WithMetadata(new RequestSizeLimitAttribute(MaxQuestionBody));

    private static string KeyOf(HttpContext context) => Caller.IdentityOf(context)?.ActorName ?? "";

    private static TokenBucketRateLimiterOptions Bucket(int perSecond, int burst) =>
        new() { TokenLimit = burst, TokensPerPeriod = perSecond, ReplenishmentPeriod = TimeSpan.FromSeconds(1), QueueLimit = 0, AutoReplenishment = true };
}
