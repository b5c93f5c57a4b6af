using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Osc.Controller.Api.Limits;
using Xunit;

namespace Osc.Controller.Tests.Api;

/// <summary>"Questions whose answer may take a whole state to work out" wait for their turn, where the state is large.</summary>
public sealed class HeavyQuestionsTests
{
    private const int TimeoutMilliseconds = 60_000;

    private static readonly int AtOnce = Math.Max(1, Environment.ProcessorCount - 1);

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task One_more_than_may_wait_is_refused_and_the_oldest_comes_first()
    {
        await using var controller = await TestController.StartAsync();
        Assert.Equal(200, (await controller.ApplyAsync(Groups(HeavyQuestions.SmallState))).Status);
        var questions = controller.Get<HeavyQuestions>();
        var asked = Enumerable.Range(0, AtOnce + HeavyQuestions.MostWaiting).Select(_ => new Question(questions)).ToList();
        Assert.Equal(AtOnce, asked.Count(q => q.Began.IsCompleted));

        using (var refused = new Question(questions))
        {
            Assert.Equal((StatusCodes.Status429TooManyRequests, "5"), await refused.RefusalAsync());
            Assert.False(refused.Began.IsCompleted);
        }

        asked[0].End();
        Assert.Equal("answered", await asked[0].Answer);
        await asked[AtOnce].Began;
        Assert.Equal(AtOnce + 1, asked.Count(q => q.Began.IsCompleted));

        // Who goes away leaves a place, and there is the one of who began.
        await asked[^1].GoAwayAsync();
        var others = new[] { new Question(questions), new Question(questions) };
        using (var refused = new Question(questions))
        {
            Assert.Equal((StatusCodes.Status429TooManyRequests, "5"), await refused.RefusalAsync());
        }

        foreach (var question in asked[1..^1].Concat(others))
        {
            await question.Began;
            question.End();
            Assert.Equal("answered", await question.Answer);
        }

        asked.ForEach(q => q.Dispose());
        Array.ForEach(others, q => q.Dispose());
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Nobody_waits_where_the_state_is_small()
    {
        await using var controller = await TestController.StartAsync();
        var asked = Enumerable.Range(0, AtOnce + HeavyQuestions.MostWaiting + 1).Select(_ => new Question(controller.Get<HeavyQuestions>())).ToList();

        Assert.All(asked, q => Assert.True(q.Began.IsCompleted));
        foreach (var question in asked)
        {
            question.End();
            Assert.Equal("answered", await question.Answer);
            question.Dispose();
        }
    }

    /// <summary>A tenant and so many groups of its own.</summary>
    private static string Groups(int count)
    {
        var yaml = new StringBuilder("apiVersion: osc/v1\nkind: Tenant\nmetadata: { name: shop }\n");
        for (var i = 0; i < count; i++)
        {
            yaml.Append(CultureInfo.InvariantCulture, $"---\napiVersion: osc/v1\nkind: SecurityGroup\nmetadata: {{ name: g{i}, tenant: shop }}\nspec: {{ members: [ {{ cidr: 10.0.0.1/32 }} ] }}\n");
        }

        return yaml.ToString();
    }

    /// <summary>A question that has come, and is worked on until it is told to end.</summary>
    private sealed class Question : IDisposable
    {
        private readonly TaskCompletionSource began = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource end = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly CancellationTokenSource gone = new();
        private readonly HttpContext http;

        public Question(HeavyQuestions questions)
        {
            http = new DefaultHttpContext { RequestAborted = gone.Token };
            Answer = questions.AnswerAsync(new DefaultEndpointFilterInvocationContext(http), WorkAsync).AsTask();
        }

        public Task<object?> Answer { get; }

        public Task Began => began.Task;

        public void End() => end.SetResult();

        public async Task<(int Status, string RetryAfter)> RefusalAsync()
        {
            await Assert.IsType<IResult>(await Answer, exactMatch: false).ExecuteAsync(http);
            return (http.Response.StatusCode, http.Response.Headers.RetryAfter.ToString());
        }

        public async Task GoAwayAsync()
        {
            await gone.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Answer);
        }

        public void Dispose() => gone.Dispose();

        private async ValueTask<object?> WorkAsync(EndpointFilterInvocationContext context)
        {
            began.SetResult();
            await end.Task;
            return "answered";
        }
    }
}
