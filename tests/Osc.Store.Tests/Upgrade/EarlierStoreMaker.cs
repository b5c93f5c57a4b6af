using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Osc.Audit;
using Osc.Audit.Checkpoints;
using Osc.Model;
using Osc.Store.Access;
using Osc.Store.Alarms;
using Osc.Store.AuditLog;

namespace Osc.Store.Tests.Upgrade;

/// <summary>Makes the store that is kept of the newest schema. Whoever adds a schema adds here what the next one could get wrong.</summary>
internal static class EarlierStoreMaker
{
    private static readonly Name Host = Name.Parse("h1");

    public static void Make(int version)
    {
        using var test = new TestStore();
        Fill(test);
        var keys = KeyRing.Create("osc/0123456789abcdef");
        var size = test.Store.AuditTree.Size;
        var note = keys.Sign(new Checkpoint(keys.Origin, size, test.Store.AuditTree.Root(size))).ToString();
        test.Store.AppendCheckpoint(new(test.Time.Now, size, note));
        var expected = ExpectationOf(test.Store, note, keys);

        test.Store.Dispose();
        var (store, said) = EarlierStore.FilesOf(version);
        File.WriteAllBytes(store, EarlierStore.Pack(File.ReadAllBytes(test.Path)));
        File.WriteAllBytes(said, EarlierStore.Pack(Encoding.UTF8.GetBytes(expected.ToJsonString())));
    }

    private static void Fill(TestStore test)
    {
        for (var n = 0; n < 20; n++)
        {
            test.Time.Now += TimeSpan.FromMinutes(1);
            test.Store.Commit(new()
            {
                Base = test.Store.Current,
                Origin = TestStore.Alice with { Reason = $"change {n}" },
                Changes = [n % 7 == 6 ? TestStore.Delete($"web-{(n - 1) % 3}") : TestStore.Put($"web-{n % 3}", $$"""{"port":{{7000 + n}}}""")],
                Hosts = n % 4 == 0 ? [new(Host, new(n + 1), "digest", n)] : [],
                Numberings = n % 4 == 0 ? [new(Host, $$"""{"epoch":{{n}}}""", IsWhole: n % 8 == 0)] : [],
                Answer = n == 5 ? new("alice", "key-1", new byte[32], 200, "{}", "{}") : null,
                Emergencies = n == 8 ? new([TestStore.Key("web-2").QualifiedName], test.Time.Now.AddHours(1)) : null,
            });
        }

        foreach (var name in new[] { "carol", "dave" })
        {
            test.Store.Access.Make(new StoredToken(name, name, "[]", Encoding.UTF8.GetBytes(name.PadRight(32)), test.Time.Now, ["alice"], test.Time.Now.AddDays(90)), TestStore.Record("alice", AuditAction.TokenMake));
        }

        test.Store.Access.Revoke(["dave"], test.Time.Now, "alice", [TestStore.Record("alice", AuditAction.TokenRevoke)]);
        test.Store.Access.PutEnrolment(Host, new byte[32], test.Time.Now, TestStore.Record("alice", AuditAction.EnrolmentCode));
        test.Store.Proposals.Add(new(0, "alice", [], test.Time.Now, "ticket 42", "[]", [], "{}", "digest"), id => [TestStore.Record("alice", AuditAction.ProposalMake) with { Name = $"{id}" }]);
        test.Store.RecordAlarms([new AlarmChange.Raise(new(Host, "agent-silent", ""), Model.Health.AlarmSeverity.Critical, "it says nothing")], test.Time.Now);
        test.Store.SetFollower("syslog", 7);
        test.Store.ExtendTextIndex();
    }

    private static JsonObject ExpectationOf(PolicyStore store, string checkpoint, KeyRing keys)
    {
        var records = store.EnumerateAudit(new AuditQuery { Ascending = true }).ToList();
        return new()
        {
            ["commit"] = "the code of this schema",
            ["current"] = store.Current.Number,
            ["records"] = records.Count,
            ["documents"] = Documents(null),
            ["past"] = new JsonObject { ["3"] = Documents(new(3)), ["9"] = Documents(new(9)) },
            ["revisions"] = new JsonArray([.. store.ReadRevisions(null, PolicyStore.MaxLimit).Items.Select(r => new JsonObject { ["revision"] = r.Revision.Number, ["reason"] = r.Reason, ["changes"] = r.Changes })]),
            ["tokens"] = new JsonArray([.. store.Access.ReadTokens().Where(t => t.Revoked is null).Select(t => (JsonNode)t.Name)]),
            ["audit"] = new JsonArray([.. records.Select(JsonOf)]),
            ["checkpoint"] = checkpoint,
            ["key"] = keys.Print(),
        };

        JsonObject Documents(Revision? at) => new(store.ReadDocuments(at).Select(d => new KeyValuePair<string, JsonNode?>(d.Key.ToString(), JsonNode.Parse(d.Json))));
    }

    private static JsonNode? JsonOf(AuditRecord record)
    {
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text))
        {
            AuditJson.Write(json, record);
        }

        return JsonNode.Parse(text.ToArray());
    }
}
