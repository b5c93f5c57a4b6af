namespace Osc.Xen.Xenstore;

/// <summary>A request that waits for its answer.</summary>
internal sealed class PendingRequest(MessageType type)
{
    private readonly TaskCompletionSource<Reply<byte[]>> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public MessageType Type => type;

    /// <summary>Never fails: a connection that ends is an answer too.</summary>
    public Task<Reply<byte[]>> Answer => answer.Task;

    /// <param name="answered">The answer's type.</param>
    /// <returns>Null, or why this is no answer to the request.</returns>
    public string? Take(MessageType answered, ReadOnlySpan<byte> payload)
    {
        if (answered == MessageType.Error)
        {
            answer.TrySetResult(XenstoreFailure.Read(payload, type));
            return null;
        }

        if (answered != type)
        {
            var problem = $"an answer of type {(uint)answered} to a request of type {(uint)type}";
            Fail(new(XenstoreError.ConnectionLost, problem));
            return problem;
        }

        answer.TrySetResult(payload.ToArray());
        return null;
    }

    public void Fail(XenstoreFailure failure) => answer.TrySetResult(failure);
}
