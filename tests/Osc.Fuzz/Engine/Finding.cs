using System.Diagnostics;
using System.Security.Cryptography;

namespace Osc.Fuzz.Engine;

/// <summary>An input that a target cannot cope with.</summary>
/// <param name="Signature">The same for the same fault: the exception, and where in Osc it came from.</param>
/// <param name="Detail">For people.</param>
public sealed record Finding(string Target, string Signature, string Detail, byte[] Input)
{
    public static Finding Of(string target, Exception exception, byte[] input)
    {
        var frame = new StackTrace(exception).GetFrames()
            .Select(f => f.GetMethod())
            .FirstOrDefault(m => m?.DeclaringType?.FullName is { } type && type.StartsWith("Osc.", StringComparison.Ordinal) && !type.StartsWith("Osc.Fuzz.Engine.", StringComparison.Ordinal));
        var where = frame is null ? "" : $" in {frame.DeclaringType!.FullName}.{frame.Name}"; // found by its declaring type
        var what = exception is OracleException ? exception.Message : exception.GetType().Name;
        return new(target, what + where, exception.ToString(), input);
    }

    /// <summary>"finding-" and digits that tell inputs apart.</summary>
    public string FileName => $"finding-{Convert.ToHexStringLower(SHA256.HashData(Input))[..12]}";
}
