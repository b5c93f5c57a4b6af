using System.Text.Json;
using Osc.Audit;
using Osc.Controller.Clocks;
using Osc.Controller.Configuration;
using Osc.Store;
using Xunit;

namespace Osc.Controller.Tests.Clocks;

/// <summary>A machine's clock that is set back or ahead while the controller runs, and while it does not.</summary>
public sealed class ClockJumpTests
{
    private const int TimeoutMilliseconds = 60_000;

    private readonly ManualTime time = new();

    [Fact]
    public void Steady_clock_goes_on_evenly_and_says_what_the_machines_clock_would()
    {
        var clock = new SteadyClock(time);
        var start = clock.Now;
        time.Advance(TimeSpan.FromSeconds(3));
        time.Set(TimeSpan.FromHours(-5));
        time.Advance(TimeSpan.FromSeconds(4));

        Assert.Equal(start + TimeSpan.FromSeconds(7), clock.Now);
        Assert.Equal(time.GetUtcNow(), clock.ToWall(clock.Now));
        Assert.Equal(clock.Now, clock.FromWall(time.GetUtcNow()));
    }

    [Theory(Timeout = TimeoutMilliseconds)]
    [InlineData(-18_000)]
    [InlineData(18_000)]
    public async Task Jump_while_it_runs_is_recorded_once(int seconds)
    {
        await using var controller = await TestController.StartAsync(time: time);
        using var changed = new SemaphoreSlim(0);
        var store = controller.Get<PolicyStore>();
        store.Changed += Release;
        time.Set(TimeSpan.FromSeconds(seconds));
        while (!Jumps(store).Any())
        {
            // Again and again, since the watch may begin only now.
            time.Advance(TimeSpan.FromSeconds(1));
            await changed.WaitAsync(TimeSpan.FromMilliseconds(50), TestContext.Current.CancellationToken);
        }

        time.Set(ClockWatch.Tolerance / 2); // put right, as clocks are
        time.Advance(TimeSpan.FromSeconds(1));
        store.Changed -= Release;
        await controller.RestartAsync();
        Assert.Equal([seconds], Jumps(controller.Get<PolicyStore>()));

        void Release() => changed.Release();
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Start_before_the_newest_record_is_recorded_and_the_log_goes_on()
    {
        await using var controller = await TestController.StartAsync(time: time);
        Assert.Equal(200, (await controller.ApplyAsync(TestDocuments.Shop)).Status);
        time.Set(TimeSpan.FromHours(-2));
        await controller.RestartAsync();
        await controller.RestartAsync();
        Assert.Equal(200, (await controller.ApplyAsync("{ apiVersion: osc/v1, kind: Service, metadata: { name: late, tenant: shop }, spec: { ports: [ tcp/1 ] } }")).Status);

        var store = controller.Get<PolicyStore>();
        Assert.Equal([-7_200], Jumps(store));
        var records = store.EnumerateAudit(new() { Ascending = true }).ToList();
        Assert.Equal(Enumerable.Range(1, records.Count).Select(n => (long)n), records.Select(r => r.Sequence));
        Assert.Equal(time.GetUtcNow(), records[^1].Time);

        // What is in force now is what was made last, whatever the clock said when.
        var revisions = (await controller.GetAsync("/api/v1/revisions")).Json.GetProperty("items");
        Assert.Equal([2L, 1L], revisions.EnumerateArray().Select(r => r.GetProperty("revision").GetInt64()));
        Assert.Equal(2, store.FindRevisionAt(time.GetUtcNow() + TimeSpan.FromHours(3))?.Revision.Number);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Repeated_request_is_answered_as_before_while_the_clock_is_set_back_and_done_once()
    {
        await using var controller = await TestController.StartAsync(time: time);
        const string service = "{ apiVersion: osc/v1, kind: Service, metadata: { name: once, tenant: shop }, spec: { ports: [ tcp/1 ] } }";
        var first = await PutAsync();
        time.Set(TimeSpan.FromHours(-30));
        var again = await PutAsync();
        await controller.RestartAsync();
        var later = await PutAsync();

        Assert.Equal((201, first.Text, first.Text), (first.Status, again.Text, later.Text));
        Assert.All([again, later], a => Assert.True(a.Headers.ContainsKey("Osc-Repeated")));

        Task<Answer> PutAsync() => controller.SendAsync(HttpMethod.Put, "/api/v1/shop/service/once", Role.Admin, service, headers: "Idempotency-Key: once");
    }

    [Fact]
    public void Answer_that_did_not_count_any_more_does_not_stand_in_the_way_of_its_successor()
    {
        var directory = Directory.CreateTempSubdirectory("osc-controller-tests-");
        using (var store = PolicyStore.Open(Path.Combine(directory.FullName, "osc.db"), time))
        {
            var now = time.GetUtcNow();
            store.Access.KeepAnswer(new("alice", "key", new byte[32], 200, "{}", "first"), now);
            Assert.Null(store.Access.FindAnswer("alice", "key", now + TimeSpan.FromHours(25)));
            store.Access.KeepAnswer(new("alice", "key", new byte[32], 200, "{}", "second"), now);
            Assert.Equal("second", store.Access.FindAnswer("alice", "key", now)?.Body);
        }

        directory.Delete(recursive: true);
    }

    private static IEnumerable<int> Jumps(PolicyStore store) =>
        store.EnumerateAudit(new() { Action = AuditAction.ClockJump }).Select(r => JsonElement.Parse(r.After!).GetProperty("seconds").GetInt32()); // it has one
}
