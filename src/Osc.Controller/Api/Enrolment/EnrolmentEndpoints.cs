using System.Text.Json;
using System.Text.Json.Serialization;
using Osc.Controller.Api.Json;
using Osc.Controller.Api.Limits;
using Osc.Controller.Api.Problems;
using Osc.Controller.Api.Reference;
using Osc.Controller.Api.Requests;
using Osc.Controller.Api.Security;
using Osc.Controller.Configuration;
using Osc.Controller.Enrolment;
using Osc.Controller.Loop;
using Osc.Model;
using Osc.Store;

namespace Osc.Controller.Api.Enrolment;

/// <param name="Code">What the agent shows, once. It is shown this once.</param>
public sealed record EnrolmentCodeAnswer(string Host, string Code, DateTimeOffset Expires);

/// <summary>An agent that asks for its certificate.</summary>
/// <param name="Request">A certificate request (PKCS #10), in PEM; of it only the key counts.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record EnrolmentQuestion(string? Host = null, string? Code = null, string? Request = null);

/// <param name="Certificate">PEM: who the agent is to the broker.</param>
/// <param name="Authority">PEM: who signs the broker's certificate.</param>
/// <param name="Broker">Where the broker is.</param>
public sealed record EnrolmentAnswer(string Certificate, string Authority, string Broker);

/// <summary>How a new agent comes to its certificate: an administrator has a code made for its host, and the agent shows it once.</summary>
public static class EnrolmentEndpoints
{
    private const string Tag = "Enrolment";

    private static readonly TimeSpan CodeLife = TimeSpan.FromHours(24);

    public static void MapEnrolment(this IEndpointRouteBuilder api)
    {
        api.MapPost("/hosts/{name}/enrolment", MakeCode).Needs(Access.Admin, Extent.Everything).Describe(Tag, "Makes a code by which the host's agent enrols, once, within a day; an earlier one counts no longer")
            .Answers<EnrolmentCodeAnswer>(201).Refuses(404, 409, 503).TakesLittle();
        api.MapPost("/enrolment", Enrol).AllowAnonymous().Describe(Tag, "Gives an agent that shows its host's code a certificate for its key")
            .Accepts<EnrolmentQuestion>(DocumentBody.Json).Answers<EnrolmentAnswer>().Refuses(400, 403, 409, 413, 415, 422, 503).TakesLittle();
    }

    private static IResult MakeCode(HttpContext context, EnrolmentDesk desk, PolicyLoop policy, string name)
    {
        if (!Name.TryParse(name, out var host) || policy.Current.State.Host(host) is null)
        {
            return Problem.Of(StatusCodes.Status404NotFound, $"there is no host '{name}'").ToResult();
        }

        return Guarded(desk, () =>
        {
            var (code, expires) = desk.MakeCode(host, CodeLife, Caller.Of(context));
            return TypedResults.Json(new EnrolmentCodeAnswer(name, code, expires), AnswerJson.Types.EnrolmentCodeAnswer, statusCode: StatusCodes.Status201Created);
        });
    }

    private static async Task<IResult> Enrol(HttpContext context, EnrolmentDesk desk, CancellationToken cancellation)
    {
        var (question, problem) = await QuestionBody.ReadAsync(context.Request, Read, cancellation);
        if (question is null)
        {
            return problem!.ToResult(); // there is one where there is no question
        }

        return Guarded(desk, () => desk.Enrol(question.Host ?? "", question.Code ?? "", question.Request ?? "", Caller.Of(context)) switch
        {
            EnrolmentOutcome.Enrolled enrolled => TypedResults.Json(new EnrolmentAnswer(enrolled.Certificate, enrolled.Authority, enrolled.Broker), AnswerJson.Types.EnrolmentAnswer),
            EnrolmentOutcome.BadRequest bad => Problem.Of(StatusCodes.Status422UnprocessableEntity, "the request for a certificate is not valid", new ProblemError("", "request", bad.Error, "")).ToResult(),
            _ => Problem.Of(StatusCodes.Status403Forbidden, "the code is not good for this host: ask for a new one").ToResult(),
        });
    }

    private static IResult Guarded(EnrolmentDesk desk, Func<IResult> work)
    {
        if (!desk.IsOpen)
        {
            return Problem.Of(StatusCodes.Status409Conflict, "this controller enrols no agents: its configuration has no section enrolment").ToResult();
        }

        try
        {
            return work();
        }
        catch (StoreException e)
        {
            return Problem.Of(StatusCodes.Status503ServiceUnavailable, e.Message).ToResult();
        }
    }

    private static EnrolmentQuestion Read(string json) => JsonSerializer.Deserialize(json, AnswerJson.Types.EnrolmentQuestion) ?? throw new JsonException("a question is a JSON object");
}
