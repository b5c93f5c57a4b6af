using System.Collections.Frozen;

namespace Osc.Controller.Api.Limits;

/// <summary>Headers that every answer has.</summary>
public static class ResponseHeaders
{
    /// <summary>What methods are called in metrics: a client could make up any number of others.</summary>
    private static readonly FrozenSet<string> KnownMethods = new[] { "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH" }.ToFrozenSet(StringComparer.Ordinal);

    public static void Set(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers["Osc-Request-Id"] = context.TraceIdentifier;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
        if (headers.ContentSecurityPolicy.Count == 0)
        {
            headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        }

        if (context.Request.IsHttps)
        {
            headers.StrictTransportSecurity = "max-age=31536000";
        }
    }

    public static string MethodOf(HttpContext context) => KnownMethods.Contains(context.Request.Method) ? context.Request.Method : "other";
}
