namespace Osc.Controller.Configuration;

/// <summary>What somebody is granted; see <see cref="Access"/>.</summary>
public enum Role
{
    Viewer,
    Editor,
    Approver,
    Auditor,
    Admin,

    /// <summary>For agents; allows nothing on the REST API but to ask who one is.</summary>
    Agent,
}

/// <summary>What an endpoint asks for. Every endpoint names one, or says that it is anonymous.</summary>
public enum Access
{
    /// <summary>Whatever concerns the caller alone: who am I, what may I do.</summary>
    Self,

    /// <summary>Documents, hosts, rollouts, revisions, explain, plan, metrics.</summary>
    Read,

    /// <summary>Changes of documents.</summary>
    Write,

    /// <summary>Agreeing to what somebody else proposes.</summary>
    Approve,

    /// <summary>The audit log.</summary>
    Audit,

    /// <summary>Tokens.</summary>
    Admin,
}

/// <summary>Which role has which access: the whole of authorization, as a table. Where it holds is what a grant's scope says.</summary>
public static class RoleAccess
{
    public static bool Allows(this Role role, Access access) => (role, access) switch
    {
        (_, Access.Self) => true,
        (Role.Admin, _) => true,
        (Role.Editor, Access.Read or Access.Write) => true,
        (Role.Approver, Access.Read or Access.Approve) => true,
        (Role.Viewer, Access.Read) => true,
        (Role.Auditor, Access.Read or Access.Audit) => true,
        _ => false,
    };
}
