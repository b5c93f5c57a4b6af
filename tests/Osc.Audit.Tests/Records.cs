using CsCheck;

namespace Osc.Audit.Tests;

/// <summary>Records to test with.</summary>
internal static class Records
{
    /// <summary>One with every field set.</summary>
    public static readonly AuditRecord Full = new()
    {
        Sequence = 7,
        Time = new DateTimeOffset(2026, 11, 1, 12, 30, 15, TimeSpan.Zero).AddMicroseconds(123456),
        Actor = "alice",
        Address = "192.0.2.7",
        RequestId = "r-1",
        Action = AuditAction.DocumentUpdate,
        Tenant = "shop",
        Kind = "Policy",
        Name = "shop-app",
        Before = """{"a":1}""",
        After = """{"a":"é"}""",
        Revision = new(42),
        Reason = "ticket 42",
        Outcome = AuditRecord.Ok,
    };

    // Few characters, so that neighbouring fields often hold texts that run into each other.
    private static readonly Gen<string> Text = Gen.String[Gen.OneOf('a', '"', '\\', '\n', '\0', 'é', '€', '\ud83d', '\ude00'), 0, 4];

    private static readonly Gen<string?> Json = Gen.OneOf(
        Gen.Const((string?)null),
        Gen.OneOf<string?>("{}", "[]", "1", "\"\"", """{"a":1}""", """{ "a" : 1.0 }""", """{"a":"\u00e9"}""", """{"a":"é"}"""));

    private static readonly Gen<AuditRecord> Who = Gen.Select(Text, Text, Text, Text, Text).Select((actor, address, request, action, outcome) =>
        Full with { Actor = actor, Address = address, RequestId = request, Action = action, Outcome = outcome });

    private static readonly Gen<AuditRecord> What = Gen.Select(Who, Text, Text, Text, Text).Select((record, tenant, kind, name, reason) =>
        record with { Tenant = tenant, Kind = kind, Name = name, Reason = reason });

    public static readonly Gen<AuditRecord> Any = Gen.Select(What, Json, Json, Gen.Long[1, 9], Gen.Long[-2, 2]).Select((record, before, after, number, time) =>
        record with { Before = before, After = after, Sequence = number, Revision = new(9 - number), Time = DateTimeOffset.UnixEpoch.AddMicroseconds(time) });
}
