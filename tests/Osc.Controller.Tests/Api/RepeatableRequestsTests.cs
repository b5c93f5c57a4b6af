using Osc.Controller.Api.Repeats;
using Osc.Controller.Configuration;
using Xunit;

namespace Osc.Controller.Tests.Api;

/// <summary>Requests that are done once, however often they are sent.</summary>
public sealed class RepeatableRequestsTests : IAsyncLifetime
{
    private const string Key = RepeatableRequests.KeyHeader + ": k1";

    private readonly ManualTime time = new();
    private TestController controller = null!; // set before each test

    public async ValueTask InitializeAsync()
    {
        controller = await TestController.StartAsync(time: time);
        Assert.Equal(200, (await controller.ApplyAsync(TestDocuments.Shop)).Status);
    }

    public ValueTask DisposeAsync() => controller.DisposeAsync();

    [Fact]
    public async Task Repeated_change_is_made_once_and_answered_alike()
    {
        var first = await PutAsync("udp/53");
        var second = await PutAsync("udp/53");
        Assert.Equal((201, "2"), (first.Status, first.Headers["Osc-Revision"]));
        Assert.Equal((first.Status, first.Type, first.Text, first.Headers["ETag"], "2"), (second.Status, second.Type, second.Text, second.Headers["ETag"], second.Headers["Osc-Revision"]));
        Assert.Equal("true", second.Headers[RepeatableRequests.RepeatedHeader]);
        Assert.Equal("2", await RevisionAsync());
    }

    [Fact]
    public async Task Answer_is_what_it_was_though_others_have_changed_the_document_since()
    {
        var first = await PutAsync("udp/53");
        await PutAsync("tcp/53", "Idempotency-Key: k2");
        Assert.Equal(first.Text, (await PutAsync("udp/53")).Text);
        Assert.Equal("3", await RevisionAsync());
    }

    [Fact]
    public async Task Answer_survives_a_restart()
    {
        var first = await PutAsync("udp/53");
        await controller.RestartAsync();
        var second = await PutAsync("udp/53");
        Assert.Equal((first.Text, "true"), (second.Text, second.Headers[RepeatableRequests.RepeatedHeader]));
        Assert.Equal("2", await RevisionAsync());
    }

    [Fact]
    public async Task Delete_and_apply_and_a_change_of_nothing_are_repeatable_too()
    {
        await PutAsync("udp/53");
        foreach (var _ in Enumerable.Range(0, 2))
        {
            Assert.Equal(200, (await controller.SendAsync(HttpMethod.Delete, "/api/v1/shop/service/dns", Role.Editor, headers: "Idempotency-Key: k3")).Status);
            Assert.Equal(200, (await controller.SendAsync(HttpMethod.Post, "/api/v1/apply", Role.Editor, TestDocuments.Service("web", "tcp/80"), headers: "Idempotency-Key: k4")).Status);
            Assert.Equal(200, (await controller.SendAsync(HttpMethod.Post, "/api/v1/apply", Role.Editor, TestDocuments.Shop, headers: "Idempotency-Key: k5")).Status);
        }

        Assert.Equal("4", await RevisionAsync());
    }

    [Fact]
    public async Task Refused_change_is_judged_anew()
    {
        Assert.Equal(422, (await PutAsync("nothing")).Status);
        Assert.Equal(201, (await PutAsync("udp/53")).Status);
    }

    [Fact]
    public async Task Key_is_free_again_after_a_day()
    {
        await PutAsync("udp/53");
        time.Advance(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(1));
        Assert.Equal(422, (await PutAsync("tcp/53")).Status);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(200, (await PutAsync("tcp/53")).Status);
    }

    private Task<Answer> PutAsync(string port, string key = Key) => controller.SendAsync(HttpMethod.Put, "/api/v1/shop/service/dns", Role.Editor, TestDocuments.Service("dns", port), headers: key);

    private async Task<string> RevisionAsync() => (await controller.GetAsync("/api/v1/documents?limit=1")).Headers["Osc-Revision"];
}
