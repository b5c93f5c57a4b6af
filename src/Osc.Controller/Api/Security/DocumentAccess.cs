using Osc.Controller.Api.Problems;
using Osc.Controller.Api.Requests;
using Osc.Controller.Configuration;
using Osc.Model.Documents;

namespace Osc.Controller.Api.Security;

/// <summary>Asks whether a caller may do something with each of the documents that his request brings.</summary>
public static class DocumentAccess
{
    /// <returns>403, with an error for each document that is not granted; null if all are.</returns>
    public static Problem? Refuse(HttpContext context, Access access, IEnumerable<DocumentKey> keys)
    {
        var permissions = Caller.PermissionsOf(context);
        var word = access.ToString().ToLowerInvariant();
        var refused = keys.Where(k => !permissions.Allow(access, k)).Select(k => new ProblemError(k.ToString(), "", $"no {word} access to it is granted", "")).ToArray();
        return refused.Length == 0 ? null : Problem.Of(StatusCodes.Status403Forbidden, $"{word} access is missing to {refused.Length} of the documents; nothing was looked at", refused);
    }
}
