namespace Osc.Store.Access;

/// <summary>What a repeatable request was answered.</summary>
/// <param name="Identity">Who made it.</param>
/// <param name="Key">His name for it.</param>
/// <param name="Fingerprint">SHA-256 of all that it asked for: 32 bytes.</param>
/// <param name="Headers">Of the answer, as a JSON object.</param>
public sealed record StoredAnswer(string Identity, string Key, ReadOnlyMemory<byte> Fingerprint, int Status, string Headers, string Body);
