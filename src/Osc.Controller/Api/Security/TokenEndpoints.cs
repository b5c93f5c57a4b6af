using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;
using Osc.Controller.Api.Json;
using Osc.Controller.Api.Limits;
using Osc.Controller.Api.Problems;
using Osc.Controller.Api.Reference;
using Osc.Controller.Api.Requests;
using Osc.Controller.Configuration;
using Osc.Controller.Identities;
using Osc.Store;
using Osc.Store.Access;

namespace Osc.Controller.Api.Security;

/// <summary>A token that is to be made.</summary>
/// <param name="Name">The actor in the audit log.</param>
/// <param name="Grants">What it allows: at least one, and nothing that the maker may not grant.</param>
/// <param name="Expires">When it ends to count; else in 90 days. At most 366 days from now.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record TokenQuestion(string? Name = null, IReadOnlyList<GrantText?>? Grants = null, DateTimeOffset? Expires = null);

/// <summary>A token, without its secret.</summary>
/// <param name="State">live, expired or revoked.</param>
/// <param name="MadeBy">Who made it, who made that one's token, and so on.</param>
/// <param name="LastUsed">To the minute; null: never.</param>
public sealed record TokenAnswer(
    string Id,
    string Name,
    string State,
    IReadOnlyList<GrantText> Grants,
    DateTimeOffset Made,
    IReadOnlyList<string> MadeBy,
    DateTimeOffset Expires,
    DateTimeOffset? Revoked,
    string RevokedBy,
    DateTimeOffset? LastUsed,
    string LastAddress)
{
    public static TokenAnswer Of(StoredToken token, DateTimeOffset now) => new(
        token.Id, token.Name, token.Revoked is not null ? "revoked" : token.Expires <= now ? "expired" : "live", [.. TokenRegistry.GrantsOf(token).Select(GrantText.Of)],
        token.Made, token.MadeBy, token.Expires, token.Revoked, token.RevokedBy, token.LastUsed, token.LastAddress);
}

/// <param name="Secret">What to send as "Authorization: Bearer SECRET". It is shown this once.</param>
public sealed record NewTokenAnswer(string Secret, TokenAnswer Token);

public sealed record TokenList(IReadOnlyList<TokenAnswer> Items);

/// <summary>Tokens: made, listed, revoked. Each by who may grant all that the token allows.</summary>
public static class TokenEndpoints
{
    private const string Tag = "Access";

    private const int MaxGrants = 100;

    public static void MapTokens(this IEndpointRouteBuilder api)
    {
        api.MapPost("/auth/tokens", Make).Needs(Access.Admin, Extent.Permitted).Describe(Tag, "Makes a token, whose secret is shown this once")
            .Accepts<TokenQuestion>(DocumentBody.Json).Answers<NewTokenAnswer>(201).Refuses(400, 409, 413, 415, 422, 503).TakesLittle();
        api.MapGet("/auth/tokens", List).Needs(Access.Admin, Extent.Permitted).Describe(Tag, "Lists tokens that were made, oldest first, without their secrets").Answers<TokenList>();
        api.MapDelete("/auth/tokens/{id}", Revoke).Needs(Access.Admin, Extent.Permitted).Describe(Tag, "Revokes a token at once").Answers<TokenList>().Refuses(400, 404, 503);
    }

    private static async Task<IResult> Make(HttpContext context, TokenRegistry tokens, TimeProvider time, CancellationToken cancellation)
    {
        var (question, problem) = await QuestionBody.ReadAsync(context.Request, Read, cancellation);
        if (question is null)
        {
            return problem!.ToResult();
        }

        var errors = new List<ProblemError>();
        var now = time.GetUtcNow();
        var expires = question.Expires ?? now + TokenRegistry.UsualLife;
        if (!ActorNames.IsUsable(question.Name))
        {
            errors.Add(new("", "name", "missing or not usable; it names the actor in the audit log", ActorNames.Allowed));
        }

        if (expires <= now || expires > now + TokenRegistry.LongestLife)
        {
            errors.Add(new("", "expires", $"'{expires:O}' is not possible", $"within {TokenRegistry.LongestLife.TotalDays} days from now"));
        }

        var grants = Read(question.Grants ?? [], errors);
        if (errors.Count > 0)
        {
            return Problem.Of(StatusCodes.Status422UnprocessableEntity, "the token is not valid", errors).ToResult();
        }

        var caller = Caller.IdentityOf(context) ?? throw new InvalidOperationException("the rule lets nobody in who is not known");
        if (grants.Where(g => !caller.Permissions.MayGrant(g)).Select(g => new ProblemError("", "grants", $"{g} is more than may be granted", "")).ToArray() is { Length: > 0 } refused)
        {
            return Problem.Of(StatusCodes.Status403Forbidden, "nobody grants what he may not do himself", refused).ToResult();
        }

        try
        {
            var (outcome, made) = tokens.Make(question.Name!, grants, expires, caller, Caller.Of(context)); // usable, as seen above
            return outcome switch
            {
                MadeToken.NameTaken => Problem.Of(StatusCodes.Status409Conflict, $"there is a token '{question.Name}' already; revoke it first").ToResult(),
                MadeToken.TooMany => Problem.Of(StatusCodes.Status409Conflict, $"there are {AccessStore.MaxTokens} tokens already; revoke some first").ToResult(),
                _ => TypedResults.Json(new NewTokenAnswer(made!.Secret.Text, TokenAnswer.Of(made.Token, now)), AnswerJson.Types.NewTokenAnswer, statusCode: StatusCodes.Status201Created), // made
            };
        }
        catch (StoreException e)
        {
            return Problem.Of(StatusCodes.Status503ServiceUnavailable, e.Message).ToResult();
        }
    }

    private static IResult List(HttpContext context, TokenRegistry tokens, TimeProvider time)
    {
        var now = time.GetUtcNow();
        return TypedResults.Json(new TokenList([.. tokens.Read().Where(t => IsWithin(context, t)).Select(t => TokenAnswer.Of(t, now))]), AnswerJson.Types.TokenList);
    }

    private static IResult Revoke(
        HttpContext context, TokenRegistry tokens, TimeProvider time, string id, [FromQuery, Description("true: also every token that was made with it, or with one of those.")] string? withMade)
    {
        if (withMade is not (null or "true" or "false"))
        {
            return Problem.BadParameter("withMade", $"'{withMade}' is neither", "true, false").ToResult();
        }

        // What is beyond the caller's grants is to him as if it were not there.
        if (tokens.Read().FirstOrDefault(t => t.Id == id && IsWithin(context, t)) is not { } token)
        {
            return Problem.Of(StatusCodes.Status404NotFound, $"there is no token '{id}'").ToResult();
        }

        try
        {
            var revoked = tokens.Revoke(token, withMade == "true", Caller.Of(context));
            var now = time.GetUtcNow();
            return TypedResults.Json(new TokenList([.. revoked.Select(t => TokenAnswer.Of(t with { Revoked = now, RevokedBy = Caller.Of(context).Actor }, now))]), AnswerJson.Types.TokenList);
        }
        catch (StoreException e)
        {
            return Problem.Of(StatusCodes.Status503ServiceUnavailable, e.Message).ToResult();
        }
    }

    private static bool IsWithin(HttpContext context, StoredToken token) => TokenRegistry.GrantsOf(token).All(Caller.PermissionsOf(context).MayGrant);

    private static TokenQuestion Read(string json) => JsonSerializer.Deserialize(json, AnswerJson.Types.TokenQuestion) ?? throw new JsonException("a token is a JSON object");

    private static List<Grant> Read(IReadOnlyList<GrantText?> texts, List<ProblemError> errors)
    {
        if (texts.Count is 0 or > MaxGrants)
        {
            errors.Add(new("", "grants", $"{texts.Count} of them", $"1 to {MaxGrants}"));
            return [];
        }

        return [.. texts.Select((text, i) => (text ?? new()).Read((path, message, allowed) => errors.Add(new("", $"grants[{i}].{path}", message, allowed)))).OfType<Grant>()];
    }
}
