import { table } from './table.js';

export interface UserRow {
  id: string;
  username: string;
  email: string | null;
  fullName: string | null;
  passwordHash: string;
  scopes: string[];
  disabled: boolean;
  sessionVersion: number;
  createdAt: Date;
  updatedAt: Date;
  createdBy: string | null;
  updatedBy: string | null;
  deletedAt: Date | null;
}

export const UserEntity = table<UserRow>({
  name: 'User',
  tableName: 'users',
  columns: {
    id: { type: 'uuid', primary: true },
    username: { type: 'text' },
    email: { type: 'text', nullable: true },
    fullName: { name: 'full_name', type: 'text', nullable: true },
    passwordHash: { name: 'password_hash', type: 'text' },
    scopes: { type: 'text', array: true },
    disabled: { type: 'boolean' },
    sessionVersion: { name: 'session_version', type: 'int' },
    createdAt: { name: 'created_at', type: 'timestamptz' },
    updatedAt: { name: 'updated_at', type: 'timestamptz' },
    createdBy: { name: 'created_by', type: 'uuid', nullable: true },
    updatedBy: { name: 'updated_by', type: 'uuid', nullable: true },
    deletedAt: { name: 'deleted_at', type: 'timestamptz', nullable: true },
  },
});
