using Osc.Model;
using Osc.Xen.Tests.Xenstore;
using Osc.Xen.Vifs;
using Osc.Xen.Xenstore;
using Xunit;

namespace Osc.Xen.Tests.Vifs;

/// <summary>Following vifs at moments that a real store offers too rarely; the rest is tried on a real one.</summary>
public sealed class VifWatchTests
{
    private const int TimeoutMilliseconds = 60_000;
    private const string Old = "00:16:3e:00:00:01";
    private const string New = "00:16:3e:00:00:02";

    private static readonly XenstorePath Directory = XenstorePath.Parse("backend/vif");

    [Theory(Timeout = TimeoutMilliseconds)]
    [InlineData("mac", true)]
    [InlineData("mac", false)]
    [InlineData("vifname", true)]
    [InlineData("vifname", false)]
    [InlineData("state", true)]
    [InlineData("state", false)]
    public async Task What_changes_while_it_is_read_is_never_told_half(string beforeKey, bool isAnnouncedInTime)
    {
        // The vif is made anew just before one of its keys is read; Linux's device may hand on the announcement late.
        var store = new Dictionary<string, string> { ["backend/vif/9/0/mac"] = Old, ["backend/vif/9/0/vifname"] = "old", ["backend/vif/9/0/state"] = "4" };
        var token = "";
        var isRemade = false;
        await using var client = new XenstoreClient(() => new ScriptedServer((server, request) =>
        {
            if (request.Type == MessageType.Watch)
            {
                token = request.Texts[1];
                server.Reply(request, "OK\0");
                server.Announce(Directory.Value, token);
                return;
            }

            if (request.Type == MessageType.Read && request.Texts[0].EndsWith($"/{beforeKey}", StringComparison.Ordinal) && !isRemade)
            {
                isRemade = true;
                store["backend/vif/9/0/mac"] = New;
                store["backend/vif/9/0/vifname"] = "new";
                if (isAnnouncedInTime)
                {
                    server.Announce("backend/vif/9/0", token);
                }
            }

            Answer(server, request, store);
        }));

        var told = (await TakeAsync(client, isAnnouncedInTime ? 2 : 1)).Select(t => Assert.IsType<VifEvent.Known>(t).Inventory.Vifs).ToArray();
        Assert.Equal((PortName.Parse("new"), MacAddress.Parse(New)), told[^1].Select(v => (v.Port, v.Mac!.Value)).Single());
        Assert.All(told[..^1], Assert.Empty);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Values_that_make_no_sense_are_as_if_they_were_not_there()
    {
        var store = new Dictionary<string, string>
        {
            ["backend/vif/9/0/mac"] = "guess",
            ["backend/vif/9/0/state"] = "99",
            ["backend/vif/9/0/vifname"] = "two words",
            ["backend/vif/9/0/handle"] = "-3",
            ["backend/vif/nine/0/mac"] = Old,
            ["backend/vif/9/eth0/mac"] = Old,
        };
        await using var client = new XenstoreClient(() => new ScriptedServer((server, request) =>
        {
            if (request.Type == MessageType.Watch)
            {
                server.Reply(request, "OK\0");
                server.Announce(Directory.Value, request.Texts[1]);
                server.Announce("backend/vif/9/eth0/mac", request.Texts[1]);
                server.Announce("elsewhere", request.Texts[1]);
            }
            else
            {
                Answer(server, request, store);
            }
        }));

        var vif = Assert.Single(Assert.IsType<VifEvent.Known>((await TakeAsync(client, 1))[0]).Inventory.Vifs);
        Assert.Equal(new(new(9, 0), PortName.Parse("vif9.0"), null, VifState.Unknown, null, null, null, false), vif);
    }

    private static async Task<List<VifEvent>> TakeAsync(XenstoreClient client, int count)
    {
        var told = new List<VifEvent>();
        await foreach (var next in new VifWatch(client, Directory).WatchAsync(TestContext.Current.CancellationToken))
        {
            told.Add(next);
            if (told.Count == count)
            {
                break;
            }
        }

        return told;
    }

    /// <summary>Answers as a store with these values would; what is above a node is there too.</summary>
    private static void Answer(ScriptedServer server, Request request, Dictionary<string, string> store)
    {
        var path = request.Texts[0];
        var below = store.Keys.Where(k => k.StartsWith(path + "/", StringComparison.Ordinal)).Select(k => k[(path.Length + 1)..].Split('/')[0]).Distinct().ToArray();
        if (request.Type == MessageType.Read && store.TryGetValue(path, out var value))
        {
            server.Reply(request, value);
        }
        else if (request.Type == MessageType.Directory && below.Length > 0)
        {
            server.Reply(request, string.Concat(below.Select(b => b + "\0")));
        }
        else
        {
            server.Fail(request, request.Type == MessageType.Unwatch ? "ENOENT" : path.StartsWith('/') ? "EACCES" : "ENOENT");
        }
    }
}
